import { ImgkitError } from '../../errors.js';
import { OPENPGP_LIMITS } from '../../limits.js';
import type { TrustFile } from '../trust/trust.js';
import { decodeArmor, isArmored } from './armor.js';
import { PACKET, readPackets, type OpenpgpPacket } from './packets.js';

/** First bytes of a binary file: a public key packet with a length of one, two or four bytes, or of the new format. */
const PUBLIC_KEY_HEADS: ReadonlySet<number> = new Set([0x98, 0x99, 0x9a, 0xc6]);

/** True for what `gpg --export` writes, armored or not. */
export function isGpgPublicKey(bytes: Uint8Array): boolean {
  return isArmored(bytes) ? Buffer.from(bytes).includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') : PUBLIC_KEY_HEADS.has(bytes[0] ?? 0);
}

/**
 * The packets of a file of public keys, armored or binary, as `gpg --export` writes it. Bounded. Throws `key-malformed` for anything
 * else, `key-refused` when it holds a private key.
 */
export function readKeyPackets({ name, bytes }: TrustFile): readonly OpenpgpPacket[] {
  const malformed = (problem: string, cause?: unknown): ImgkitError => new ImgkitError('key-malformed', `${name}: ${problem}; write the public key with gpg --export.`, { file: name }, { cause });
  if (bytes.length > OPENPGP_LIMITS.keyFileBytes) throw malformed(`has more than ${OPENPGP_LIMITS.keyFileBytes} bytes`);
  const armored = isArmored(bytes);
  if (armored && Buffer.from(bytes).includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) throw isPrivate(name);
  const packets = readPackets(armored ? decodeArmor(bytes, 'PUBLIC KEY BLOCK', malformed) : bytes, { packets: OPENPGP_LIMITS.keyPackets, malformed });
  if (packets[0]?.tag === PACKET.secretKey) throw isPrivate(name);
  if (packets[0]?.tag !== PACKET.publicKey) throw malformed('holds no GPG key');
  return packets;
}

function isPrivate(name: string): ImgkitError {
  return new ImgkitError('key-refused', `${name}: is a private key; give the public one (gpg --export), and keep this to yourself.`, { file: name });
}
