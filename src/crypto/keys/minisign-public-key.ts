import { createPublicKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';
import { keyFileBytes, minisignKeyId } from './minisign-comment.js';

/** The only algorithm of minisign's keys. */
export const MINISIGN_ALGORITHM = 'Ed';

export interface MinisignPublicKey {
  /** Eight bytes, by which signatures name their key. */
  readonly id: Uint8Array;
  readonly keyId: string;
  readonly key: KeyObject;
  /** The file it came from. */
  readonly name: string;
}

/** Reads a `minisign.pub`. Throws `key-malformed`. */
export function parseMinisignPublicKey(file: TrustFile): MinisignPublicKey {
  const bytes = keyFileBytes(file.bytes, 42);
  if (bytes === undefined || Buffer.from(bytes.subarray(0, 2)).toString('latin1') !== MINISIGN_ALGORITHM) {
    throw new ImgkitError('key-malformed', `${file.name}: is no public key of minisign: a line "untrusted comment: ..." and a line of 56 characters.`, { file: file.name });
  }
  const id = bytes.subarray(2, 10);
  return { id, keyId: minisignKeyId(id), key: ed25519PublicKey(bytes.subarray(10)), name: file.name };
}

/** 42 bytes of a public key file. */
export function encodeMinisignPublicKey(id: Uint8Array, point: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(MINISIGN_ALGORITHM), id, point]);
}

function ed25519PublicKey(point: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(point).toString('base64url') }, format: 'jwk' });
}
