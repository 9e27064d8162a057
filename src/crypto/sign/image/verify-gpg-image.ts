import type { PublicKey, SignaturePacket, Subkey } from 'openpgp';
import type { Digest } from '../../../content/digest.js';
import { ImgkitError, isImgkitError } from '../../../errors.js';
import { gpgKeyProblem, isGpgKeyRevoked, type GpgKey } from '../../openpgp/gpg-keys.js';
import { loadOpenpgp, openpgpRules, unreadCurve, type Openpgp } from '../../openpgp/load-openpgp.js';
import { PACKET, writePacket, type Malformed } from '../../openpgp/packets.js';
import { readSignedMessage } from '../../openpgp/signed-message.js';
import type { Trust, TrustFile } from '../../trust/trust.js';
import { refuseFuture } from '../claimed-time.js';
import { keyFileIdentity } from '../key-file-identity.js';
import { parseAtomicSigning, type AtomicClaim } from './atomic-signing.js';

/** What a trusted GPG key says of an image. */
export interface GpgClaim extends AtomicClaim {
  /** Fingerprint of the primary key, also when a subkey signed. */
  readonly keyId: string;
  readonly identity: string;
  readonly claimedAt: Date;
}

/** SHA-2 and SHA-3 from 256 bits on (RFC 9580, section 9.5). */
const HASHES: ReadonlySet<number> = new Set([8, 9, 10, 12, 14]);
const OLD_HASHES: Readonly<Record<number, string>> = { 1: 'MD5', 2: 'SHA-1', 3: 'RIPEMD-160', 11: 'SHA-224' };

/**
 * Checks a GPG signature of the image `digest` (containers-signature(5)): first that one of `keys` made it, which may sign at `trust.at`,
 * then what it says. Whether it is for the name is not looked at: see `isSignedFor`.
 * Throws `signature-malformed` for what is no signed message of one signature; `signature-untrusted` when no trusted key made it, or one that
 * is expired, revoked or weak, with an old hash, or that is not called `trust.identity`; `signature-invalid` when it does not fit, or is about
 * another image; `key-refused` without the package openpgp.
 */
export async function verifyGpgImageSignature({ name, bytes }: TrustFile, digest: Digest, trust: Trust, keys: readonly GpgKey[]): Promise<GpgClaim> {
  const malformed: Malformed = (problem, cause) => new ImgkitError('signature-malformed', `${name}: the GPG signature ${problem}; get it again from the signer.`, { file: name }, { cause });
  const message = readSignedMessage(bytes, malformed);
  const openpgp = await loadOpenpgp();
  const signature = await readSignature(openpgp, message.signature, malformed);
  const able = keys.filter(({ key }) => key.getKeys(signature.issuerKeyID).length > 0);
  const issuer = signature.issuerKeyID.toHex().toUpperCase();
  if (message.announced !== undefined && Buffer.from(message.announced).toString('hex').toUpperCase() !== issuer) throw malformed('announces another key than it is by');
  if (able.length === 0) throw new ImgkitError('signature-untrusted', `${name}: the GPG signature by ${issuer} is by a key that is not trusted; if you know whose it is, add its public key.`, { file: name, found: issuer });
  // A key may be there twice, in an old form and a new one: either will do, unless one says that it is revoked.
  for (const key of able) if (await isGpgKeyRevoked(key, signature.issuerKeyID, trust.at)) throw new ImgkitError('signature-untrusted', `${name}: the GPG signature by ${key.fingerprint} counts for nothing: its key was revoked (${key.file}); ask for a signature with another key.`, { file: name, found: key.fingerprint });
  const refusals: ImgkitError[] = [];
  for (const key of able) {
    try {
      const signer = await checkSigner(openpgp, signature, message.content, key, trust, name);
      const claim = parseAtomicSigning(message.content, name);
      if (claim.digest !== digest) throw new ImgkitError('signature-invalid', `${name}: the signature is good, but over ${claim.digest}: it belongs to another image and was put beside this one; do not use it.`, { file: name, expected: digest, found: claim.digest });
      return { ...claim, ...signer };
    } catch (error) {
      if (!isImgkitError(error, 'signature-untrusted', 'signature-invalid')) throw error;
      refusals.push(error);
    }
  }
  throw refusals[0] as ImgkitError;
}

/** That the key made the signature, and may. */
async function checkSigner(openpgp: Openpgp, signature: SignaturePacket, content: Uint8Array, key: GpgKey, trust: Trust, name: string): Promise<Omit<GpgClaim, keyof AtomicClaim>> {
  const { issuerKeyID: part, hashAlgorithm } = signature;
  const { fingerprint: keyId, file } = key;
  const untrusted = (problem: string): ImgkitError => new ImgkitError('signature-untrusted', `${name}: the GPG signature by ${keyId} ${problem}`, { file: name, found: keyId });
  const signer = key.key.getKeys(part)[0] as PublicKey | Subkey;
  const claimedAt = signature.created as Date;
  if (!HASHES.has(hashAlgorithm ?? 0)) throw untrusted(`is over a hash that is not accepted, ${OLD_HASHES[hashAlgorithm ?? 0] ?? 'an unknown one'}; ask for one over SHA-256 or better (gpg --digest-algo SHA256).`);
  if (signature.unknownSubpackets.some(({ critical }) => critical) || signature.rawNotations.some(({ critical }) => critical)) throw untrusted('holds only under a condition that is not known here.');
  const curve = unreadCurve(signer) ?? unreadCurve(key.key);
  if (curve !== undefined) throw untrusted(`cannot be checked here: its key is on the curve ${curve}; ask for one by an RSA, Ed25519 or NIST key.`);
  const [literal] = (await openpgp.createMessage({ binary: content })).packets;
  try {
    // Without a date, none is looked at; the types do not know of that.
    await signature.verify(signer.keyPacket, openpgp.enums.signature.binary, literal as object, null as unknown as Date, false, openpgpRules(openpgp));
  } catch {
    throw new ImgkitError('signature-invalid', `${name}: the GPG signature by ${keyId} does not fit: what it signed was changed; get it again from the signer.`, { file: name, found: keyId });
  }
  refuseFuture(claimedAt, trust.at, name);
  const end = signature.getExpirationTime();
  if (end instanceof Date && end <= trust.at) throw untrusted(`expired on ${end.toISOString().slice(0, 10)}; ask for a new one.`);
  const problem = claimedAt < signer.getCreationTime() ? 'is younger than the signature' : await gpgKeyProblem(key, part, trust.at);
  if (problem !== undefined) throw untrusted(`counts for nothing: its key ${problem}; ask for a signature with a key that is in force, or for the newest form of this one (${file}).`);
  const identity = keyFileIdentity(file, trust.identity) ?? (trust.identity === keyId ? keyId : undefined);
  if (identity === undefined) throw untrusted(`is by the key ${file}, not by one named ${trust.identity}.`);
  return { keyId, identity, claimedAt };
}

/** The signature packet, which was taken out of its message: nothing else reaches the package. */
async function readSignature(openpgp: Openpgp, body: Uint8Array, malformed: Malformed): Promise<SignaturePacket> {
  const config = { ...openpgpRules(openpgp), ignoreUnsupportedPackets: false };
  let signature: SignaturePacket | undefined;
  try {
    [signature] = (await openpgp.readSignature({ binarySignature: writePacket({ tag: PACKET.signature, body }), config })).packets;
  } catch (error) {
    throw malformed('cannot be read', error);
  }
  if (signature === undefined || signature.created === null) throw malformed('says no time');
  if (/^0*$/.test(signature.issuerKeyID.toHex())) throw malformed('does not say by which key it is');
  if (signature.signatureType !== openpgp.enums.signature.binary) throw malformed('is over text or something else, not over bytes');
  return signature;
}
