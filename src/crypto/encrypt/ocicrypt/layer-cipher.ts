import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { ImgkitError } from '../../../errors.js';

// ocicrypt, blockcipher/blockcipher_aes_ctr.go: AES-256-CTR, and HMAC-SHA-256 with the same key over the ciphertext.
export const LAYER_CIPHER = 'AES_256_CTR_HMAC_SHA256';
export const KEY_BYTES = 32;
export const NONCE_BYTES = 16;
const AES = 'aes-256-ctr';

/** The secret of one layer. */
export interface LayerKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A key for one layer; never for another content. */
export function newLayerKey(): LayerKey {
  return { key: randomBytes(KEY_BYTES), nonce: randomBytes(NONCE_BYTES) };
}

/** The ciphertext of `chunks`, as long as they are; `atEnd` gets its HMAC. */
export async function* encryptLayer(chunks: AsyncIterable<Uint8Array>, { key, nonce }: LayerKey, atEnd: (hmac: Uint8Array) => void, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const cipher = createCipheriv(AES, key, nonce);
  const hmac = createHmac('sha256', key);
  for await (const chunk of chunks) {
    throwIfInterrupted(signal, 'encrypting a layer');
    const sealed = cipher.update(chunk);
    hmac.update(sealed);
    yield sealed;
  }
  atEnd(hmac.digest());
}

/**
 * The content of an encrypted layer. What is yielded is proven only when the stream has ended: keep it out of sight until
 * then. Throws `ciphertext-malformed` when the HMAC is another; `name` is used in errors.
 */
export async function* decryptLayer(chunks: AsyncIterable<Uint8Array>, { key, nonce }: LayerKey, expected: Uint8Array, name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const decipher = createDecipheriv(AES, key, nonce);
  const hmac = createHmac('sha256', key);
  for await (const chunk of chunks) {
    throwIfInterrupted(signal, `decrypting ${name}`);
    hmac.update(chunk);
    yield decipher.update(chunk);
  }
  const found = hmac.digest();
  if (found.length === expected.length && timingSafeEqual(found, expected)) return;
  throw new ImgkitError('ciphertext-malformed', `${name}: the encrypted layer does not match its HMAC; it was damaged or changed, get the image again.`, { entry: name });
}
