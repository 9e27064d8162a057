import { constants, privateDecrypt, type KeyObject } from 'node:crypto';

/**
 * PKCS#1 v1.5 (RFC 8017, 7.2.2) by hand: Node 20 refuses it, to protect servers that answer strangers. Here nobody is
 * answered: a wrong padding and a wrong key look alike. Undefined for both.
 */
export function unpadRsa(key: KeyObject, wrapped: Uint8Array): Uint8Array | undefined {
  let block: Buffer;
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, wrapped);
  } catch {
    return undefined;
  }
  const end = block.indexOf(0, 2);
  return block[0] === 0 && block[1] === 2 && end >= 10 ? block.subarray(end + 1) : undefined;
}
