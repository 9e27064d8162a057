import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { SshReader, type Malformed } from './ssh-wire.js';

/** Fewer bits than this are too weak for RSA; more than {@link MOST_RSA_BITS} only cost time. */
export const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 16_384;

/** ECDSA's key types: curve in SSH, in JWK, and bytes of a coordinate. */
export const SSH_CURVES: ReadonlyMap<string, { readonly ssh: string; readonly jwk: string; readonly size: number; readonly hash: string }> = new Map([
  ['ecdsa-sha2-nistp256', { ssh: 'nistp256', jwk: 'P-256', size: 32, hash: 'sha256' }],
  ['ecdsa-sha2-nistp384', { ssh: 'nistp384', jwk: 'P-384', size: 48, hash: 'sha384' }],
  ['ecdsa-sha2-nistp521', { ssh: 'nistp521', jwk: 'P-521', size: 66, hash: 'sha512' }],
]);

/** A key of OpenSSH, of one of the kinds that can sign here. */
export interface SshPublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, `sk-ssh-ed25519@openssh.com`... */
  readonly type: string;
  /** Its encoding (RFC 4253, 6.6): what signatures and lists hold. */
  readonly blob: Uint8Array;
  readonly key: KeyObject;
  /** Of a hardware key: what its token signs for, usually `ssh:`. */
  readonly application?: Uint8Array | undefined;
  /** `SHA256:...`, as ssh-keygen -l prints. */
  readonly fingerprint: string;
  /** Why its signatures are worth nothing, if so. */
  readonly weakness?: string | undefined;
}

/**
 * Reads the encoding of a public key, all of it. Undefined when its type is none that signs here (DSA, certificates, others);
 * throws what `malformed` makes when it is of a known type and broken, also for a point that is not on its curve.
 */
export function readSshPublicKey(blob: Uint8Array, malformed: Malformed): SshPublicKey | undefined {
  const reader = new SshReader(blob, malformed);
  const type = reader.name();
  const read = readers.get(type);
  if (read === undefined) return undefined;
  const parts = read(reader, type, malformed);
  reader.end();
  return { type, blob, fingerprint: sshFingerprint(blob), ...parts };
}

/** `SHA256:` and the digest of a public key's encoding, in base64 without padding. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

type Parts = Pick<SshPublicKey, 'key' | 'application' | 'weakness'>;

function ed25519(reader: SshReader, type: string, malformed: Malformed): Parts {
  const point = reader.string();
  if (point.length !== 32) throw malformed('has an Ed25519 key of a wrong length');
  const key = importKey({ kty: 'OKP', crv: 'Ed25519', x: base64Url(point) }, malformed);
  return { key, application: type.startsWith('sk-') ? reader.string() : undefined };
}

function ecdsa(reader: SshReader, type: string, malformed: Malformed): Parts {
  const hardware = type.startsWith('sk-');
  const curve = SSH_CURVES.get(hardware ? 'ecdsa-sha2-nistp256' : type);
  if (curve === undefined || reader.name() !== curve.ssh) throw malformed('has a curve that its type does not have');
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.size || point[0] !== 4) throw malformed('has a point that is not an uncompressed one of its curve');
  const [x, y] = [point.subarray(1, 1 + curve.size), point.subarray(1 + curve.size)];
  const key = importKey({ kty: 'EC', crv: curve.jwk, x: base64Url(x), y: base64Url(y) }, malformed);
  return { key, application: hardware ? reader.string() : undefined };
}

function rsa(reader: SshReader, _type: string, malformed: Malformed): Parts {
  const e = reader.mpint();
  const n = reader.mpint();
  const bits = n.length * 8 - Math.clz32(n[0] as number) + 24;
  if (bits > MOST_RSA_BITS) throw malformed(`has an RSA key of ${bits} bits, more than anyone uses`);
  if (e.length > 8) throw malformed('has an RSA key with a huge exponent');
  const key = importKey({ kty: 'RSA', n: base64Url(n), e: base64Url(e) }, malformed);
  if (bits < LEAST_RSA_BITS) return { key, weakness: `RSA of ${bits} bits is too weak (${LEAST_RSA_BITS} at least)` };
  return (e.at(-1) as number) % 2 === 0 || (e.length === 1 && (e[0] as number) < 3) ? { key, weakness: 'its RSA exponent is not a sound one' } : { key };
}

const readers: ReadonlyMap<string, (reader: SshReader, type: string, malformed: Malformed) => Parts> = new Map([
  ['ssh-ed25519', ed25519],
  ['sk-ssh-ed25519@openssh.com', ed25519],
  ...[...SSH_CURVES.keys()].map((type) => [type, ecdsa] as const),
  ['sk-ecdsa-sha2-nistp256@openssh.com', ecdsa],
  ['ssh-rsa', rsa],
]);

function importKey(jwk: JsonWebKey, malformed: Malformed): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw malformed('has a public key that is mathematically none');
  }
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
