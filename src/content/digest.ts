import { createHash, type Hash } from 'node:crypto';
import { ImgkitError } from '../errors.js';

/** A digest proven to have the syntax `sha256:<64 hex>` or `sha512:<128 hex>`: safe as part of a path. */
export type Digest = `sha256:${string}` | `sha512:${string}`;
export type DigestAlgorithm = 'sha256' | 'sha512';

const SYNTAX = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** True when `value` is a digest of a supported algorithm, in lower case (OCI image spec, descriptor.md). */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && SYNTAX.test(value);
}

/** `value` as a digest. Throws `digest-malformed`, naming `where`. */
export function parseDigest(value: unknown, where: string): Digest {
  if (isDigest(value)) return value;
  throw new ImgkitError('digest-malformed', `${where}: ${JSON.stringify(value)?.slice(0, 120)} is not a digest (sha256:<64 hex> or sha512:<128 hex>).`, { entry: where });
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha256:') ? 'sha256' : 'sha512';
}

/** The hexadecimal part. */
export function digestHex(digest: Digest): string {
  return digest.slice(7);
}

export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return finishDigest(createHash(algorithm).update(bytes), algorithm);
}

/** The digest that `hash` has reached; `hash` cannot be used afterwards. */
export function finishDigest(hash: Hash, algorithm: DigestAlgorithm): Digest {
  return `${algorithm}:${hash.digest('hex')}`;
}
