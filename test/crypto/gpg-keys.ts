import * as openpgp from 'openpgp';
import { encodeAtomicSigning } from '../../src/crypto/sign/image/atomic-signing.js';
import type { Digest } from '../../src/content/digest.js';
import { OPENPGP_LIMITS } from '../../src/limits.js';

/** GPG keys and signatures that gpg would not make, or not in this test's time. */
export const AT = new Date('2026-06-01T12:00:00Z');
export const DAY = 86_400_000;
export const DIGEST = `sha256:${'b'.repeat(64)}` as Digest;
export const NAME = 'registry.example/team/app:1';
export const PAYLOAD = encodeAtomicSigning({ digest: DIGEST, reference: NAME }, AT);

type Options = Partial<Parameters<typeof openpgp.generateKey>[0]>;

/** An Ed25519 key, as gpg makes them, a year old; `options` change it. */
export async function makeKey(options: Options = {}): Promise<openpgp.PrivateKey> {
  const { privateKey } = await openpgp.generateKey({ type: 'ecc', curve: 'ed25519Legacy', userIDs: [{ name: 'Release', email: 'release@example.org' }], subkeys: [], date: new Date(AT.getTime() - 365 * DAY), format: 'object', ...options } as openpgp.KeyOptions & { format: 'object' });
  return privateKey;
}

export const publicOf = (key: openpgp.PrivateKey, name = 'keys/release.asc'): { name: string; bytes: Uint8Array } => ({ name, bytes: Buffer.from(key.toPublic().armor()) });

/** A signed message over `content`, by the part of the key that signs at `keyAt`; `change` has its way with the signature before it is made. */
export async function signMessage(key: openpgp.PrivateKey, { content = PAYLOAD, at = AT, keyAt = at, change = {} }: { readonly content?: Uint8Array; readonly at?: Date; readonly keyAt?: Date; readonly change?: Partial<openpgp.SignaturePacket> } = {}): Promise<Uint8Array> {
  const [literal] = (await openpgp.createMessage({ binary: content, date: at })).packets;
  const packet = (await key.getSigningKey(undefined, keyAt, undefined, { ...openpgp.config, minRSABits: 0 })).keyPacket as openpgp.SecretKeyPacket;
  const signature = new openpgp.SignaturePacket();
  Object.assign(signature, { signatureType: openpgp.enums.signature.binary, publicKeyAlgorithm: packet.algorithm, hashAlgorithm: openpgp.enums.hash.sha256, ...change });
  await (signature.sign as unknown as (this: openpgp.SignaturePacket, ...args: readonly unknown[]) => Promise<void>).call(signature, packet, literal, at, false, openpgp.config);
  return Buffer.concat([packetOf(2, signature.write()), packetOf(11, (literal as openpgp.LiteralDataPacket).write())]);
}

/** A packet with a header of the old format, as gpg writes. */
export function packetOf(tag: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 0x82 | (tag << 2);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/** More than any signed document may have. */
export const TOO_LARGE = OPENPGP_LIMITS.documentBytes + 1;
