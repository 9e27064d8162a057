import { createHash, timingSafeEqual } from 'node:crypto';
import { ImgkitError } from '../../errors.js';

/** A public key that a server proves to have. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, ... */
  readonly type: string;
  /** As it is sent (RFC 4253, 6.6) and as known_hosts has it in base64. */
  readonly blob: Buffer;
  /** As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
  readonly fingerprint: string;
}

/** The key in `blob`; undefined when it does not start with the name of a key type. */
export function readHostKey(blob: Buffer): HostKey | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  if (length === 0 || length > 100 || 4 + length > blob.length) return undefined;
  const type = blob.toString('latin1', 4, 4 + length);
  if (!/^[\x21-\x7e]+$/.test(type)) return undefined;
  return { type, blob, fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}` };
}

/** True when both are the same key. */
export function sameKey(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** `pinned` as {@link HostKey.fingerprint} is written. Throws `usage` when it is no SHA-256 fingerprint. */
export function parseFingerprint(pinned: string): string {
  const [, base64] = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(pinned) ?? [];
  if (base64 === undefined) throw new ImgkitError('usage', `${JSON.stringify(pinned.slice(0, 100))} is no fingerprint of a host key; it looks like SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU, as ssh-keygen -lf prints it.`);
  return `SHA256:${base64}`;
}
