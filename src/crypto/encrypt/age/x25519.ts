import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** DER in front of 32 raw bytes: PKCS#8 and SubjectPublicKeyInfo of X25519 (RFC 8410). */
const PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
const BASE_POINT = Buffer.from(`09${'00'.repeat(31)}`, 'hex');

/** X25519 (RFC 7748) of 32-byte scalar and point; undefined for a point of low order, whose result would be zero. */
export function x25519(scalar: Uint8Array, point: Uint8Array): Buffer | undefined {
  return agree(privateKey(scalar), point);
}

/** The public key of a scalar. */
export function x25519Public(scalar: Uint8Array): Buffer {
  const point = x25519(scalar, BASE_POINT);
  if (point === undefined) throw new TypeError('the base point has no low order');
  return point;
}

function agree(key: KeyObject, point: Uint8Array): Buffer | undefined {
  const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC, point]), format: 'der', type: 'spki' });
  let shared: Buffer;
  try {
    shared = diffieHellman({ privateKey: key, publicKey });
  } catch {
    return undefined;
  }
  return shared.every((byte) => byte === 0) ? undefined : shared;
}

function privateKey(scalar: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE, scalar]), format: 'der', type: 'pkcs8' });
}
