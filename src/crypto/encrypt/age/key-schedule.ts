import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

const AEAD = 'chacha20-poly1305';
const TAG = 16;
const ZERO_NONCE = Buffer.alloc(12);

/** Bytes of a file key. */
export const FILE_KEY = 16;

/** HKDF-SHA-256 (RFC 5869) to 32 bytes: all that age ever derives. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Buffer {
  const extracted = createHmac('sha256', salt).update(secret).digest();
  return createHmac('sha256', extracted).update(info, 'utf8').update(Uint8Array.of(1)).digest();
}

/** The MAC over a header, up to and including its `---` (C2SP age.md, "Header MAC"). */
export function headerMac(fileKey: Uint8Array, header: Uint8Array): Buffer {
  return createHmac('sha256', hkdf(fileKey, Buffer.alloc(0), 'header')).update(header).digest();
}

/** The key of the payload that starts with `nonce` (C2SP age.md, "Payload"). */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return hkdf(fileKey, nonce, 'payload');
}

/** `fileKey` encrypted with a key that is used once. */
export function sealFileKey(fileKey: Uint8Array, key: Uint8Array): Buffer {
  const cipher = createCipheriv(AEAD, key, ZERO_NONCE, { authTagLength: TAG });
  return Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
}

/** The file key in `body`, which must have the right length; undefined when `key` does not open it. */
export function openFileKey(body: Uint8Array, key: Uint8Array): Buffer | undefined {
  const decipher = createDecipheriv(AEAD, key, ZERO_NONCE, { authTagLength: TAG });
  decipher.setAuthTag(body.subarray(FILE_KEY));
  const plain = decipher.update(body.subarray(0, FILE_KEY));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** True for a body as long as a sealed file key: longer ones allow partitioning oracles, so they are refused unread. */
export function isSealedFileKey(body: Uint8Array): boolean {
  return body.length === FILE_KEY + TAG;
}
