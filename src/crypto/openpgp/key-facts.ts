import { createHash } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';
import { readKeyPackets } from './key-packets.js';
import { PACKET } from './packets.js';

/** What a GPG key says of itself: shown to people, and believed by nobody. */
export interface GpgKeyFacts {
  /** As gpg prints it: hexadecimal, upper case. */
  readonly fingerprint: string;
  /** `Name <name@domain>`, the first; undefined for a key without. */
  readonly userId: string | undefined;
  /** Why signatures by it count for nothing, as the end of a sentence. */
  readonly weakness: string | undefined;
}

const LEAST_RSA_BITS = 2048;
const RSA: ReadonlySet<number> = new Set([1, 2, 3]);
const DSA = 17;

/** The keys in a file, without the package openpgp and without looking at expiry. Throws as {@link readKeyPackets}. */
export function readKeyFacts(file: TrustFile): readonly GpgKeyFacts[] {
  const keys: GpgKeyFacts[] = [];
  for (const { tag, body } of readKeyPackets(file)) {
    if (tag === PACKET.publicKey) keys.push({ fingerprint: fingerprintOf(body, file.name), weakness: weaknessOf(body), userId: undefined });
    const last = keys.at(-1) as GpgKeyFacts;
    if (tag === PACKET.userId && last.userId === undefined) keys[keys.length - 1] = { ...last, userId: Buffer.from(body.subarray(0, 200)).toString('utf8') };
  }
  return keys;
}

/** RFC 9580, section 5.5.4. */
function fingerprintOf(body: Uint8Array, name: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  switch (body[0]) {
    case 4: return createHash('sha1').update(Uint8Array.of(0x99)).update(length.subarray(2)).update(body).digest('hex').toUpperCase();
    case 6: return createHash('sha256').update(Uint8Array.of(0x9b)).update(length).update(body).digest('hex').toUpperCase();
    default: throw new ImgkitError('key-malformed', `${name}: holds a GPG key of version ${body[0] ?? 'unknown'}, which is not accepted; use a newer key.`, { file: name });
  }
}

function weaknessOf(body: Uint8Array): string | undefined {
  const algorithm = body[5] ?? 0;
  if (algorithm === DSA) return 'DSA; RSA or Ed25519 is needed';
  const at = body[0] === 6 ? 10 : 6;
  const bits = ((body[at] ?? 0) << 8) + (body[at + 1] ?? 0);
  return RSA.has(algorithm) && bits < LEAST_RSA_BITS ? `RSA with ${bits} bits; ${LEAST_RSA_BITS} are needed` : undefined;
}
