import { createHash } from 'node:crypto';

/** BLAKE2b-512, which OpenSSL has. */
export function blake2b512(bytes: Uint8Array): Uint8Array {
  return createHash('blake2b512').update(bytes).digest();
}

/** BLAKE2b-256: another function than the first half of BLAKE2b-512, and one that Node lacks. */
export async function blake2b256(bytes: Uint8Array): Promise<Uint8Array> {
  const { blake2b } = await import('@noble/hashes/blake2.js');
  return blake2b(bytes, { dkLen: 32 });
}
