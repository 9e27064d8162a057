import { randomBytes, timingSafeEqual } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';

// ocicrypt, blockcipher/blockcipher_aes_ctr.go: AES-256-CTR, and HMAC-SHA-256 with the same key over the ciphertext.
export const LAYER_CIPHER = 'AES_256_CTR_HMAC_SHA256';
/** As Node calls it. */
export const LAYER_AES = 'aes-256-ctr';
export const KEY_BYTES = 32;
export const NONCE_BYTES = 16;

/** The secret of one layer. */
export interface LayerKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A key for one layer; never for another content. */
export function newLayerKey(): LayerKey {
  return { key: randomBytes(KEY_BYTES), nonce: randomBytes(NONCE_BYTES) };
}

/** Throws `ciphertext-malformed`, naming the layer, when the HMAC over its ciphertext is not the expected one. */
export function requireHmac(expected: Uint8Array, found: Uint8Array, name: string): void {
  if (found.length === expected.length && timingSafeEqual(found, expected)) return;
  throw new ImgkitError('ciphertext-malformed', `${name}: the encrypted layer does not match its HMAC; it was damaged or changed, get the image again.`, { entry: name });
}
