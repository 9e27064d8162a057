import type { Config, PrivateKey, SecretKeyPacket, SecretSubkeyPacket } from 'openpgp';
import { ImgkitError } from '../../errors.js';
import { OPENPGP_LIMITS } from '../../limits.js';
import { decodeArmor, isArmored } from './armor.js';
import { loadOpenpgp, openpgpRules, unreadCurve, type Openpgp } from './load-openpgp.js';
import { PACKET, readPackets, type Malformed } from './packets.js';

/** A GPG key that signs. */
export interface GpgSigner {
  /** Fingerprint of the primary key, as gpg prints it. */
  readonly keyId: string;
  /** Fingerprint of the subkey that signs; undefined when the primary key does. */
  readonly subkey: string | undefined;
  /** The key's public half, for checking what it made. */
  readonly publicKey: Uint8Array;
  /** A signed message that holds the document: `gpg --sign`. */
  sign(document: Uint8Array, at: Date): Promise<Uint8Array>;
}

/**
 * Opens a secret key that gpg exported. The primary key signs, if it can: skopeo and podman of Debian 12 know keys by their primary key
 * alone; else the newest subkey that can. Throws `key-malformed`, `key-refused` for keys that are expired, revoked or weak, without their
 * secret half, or when the passphrase is wrong or missing.
 */
export async function openGpgSigner(bytes: Uint8Array, name: string, passphrase: () => Promise<string | undefined>, at: Date): Promise<GpgSigner> {
  const refused = (problem: string, cause?: unknown): ImgkitError => new ImgkitError('key-refused', `${name}: ${problem}`, { file: name }, { cause });
  const openpgp = await loadOpenpgp();
  const rules = openpgpRules(openpgp);
  const key = await readSecretKey(openpgp, bytes, name, rules);
  const curve = unreadCurve(key);
  if (curve !== undefined) throw refused(`is on the curve ${curve}, which is not computed here; let gpg sign with it (--key gpg:FINGERPRINT), or use an RSA, Ed25519 or NIST key.`);
  const signing = await choose(key, at, rules).catch((error: unknown) => {
    throw refused(`cannot sign (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'}); use a key that is in force.`, error);
  });
  const packet = signing.keyPacket as SecretKeyPacket | SecretSubkeyPacket;
  if (packet.version !== 4) throw refused(`is a GPG key of version ${packet.version}, which gpg and skopeo do not read; use one of version 4.`);
  if (packet.isDummy()) throw refused('lacks its secret half; export it with gpg --export-secret-keys.');
  await unlock(packet, refused, passphrase);
  return {
    keyId: key.getFingerprint().toUpperCase(),
    subkey: signing === key ? undefined : signing.getFingerprint().toUpperCase(),
    publicKey: key.toPublic().write(),
    async sign(document, time) {
      const message = await openpgp.createMessage({ binary: document, date: time });
      return await openpgp.sign({ message, signingKeys: key, signingKeyIDs: signing.getKeyID(), format: 'binary', date: time, config: rules }) as Uint8Array;
    },
  };
}

async function readSecretKey(openpgp: Openpgp, bytes: Uint8Array, name: string, config: Config): Promise<PrivateKey> {
  const malformed: Malformed = (problem, cause) => new ImgkitError('key-malformed', `${name}: ${problem}; write the private key with gpg --export-secret-keys.`, { file: name }, { cause });
  const binaryKeys = isArmored(bytes) ? decodeArmor(bytes, 'PRIVATE KEY BLOCK', malformed) : bytes;
  const packets = readPackets(binaryKeys, { packets: OPENPGP_LIMITS.keyPackets, malformed });
  const count = packets.filter(({ tag }) => tag === PACKET.secretKey).length;
  if (packets[0]?.tag !== PACKET.secretKey) throw malformed('holds no private GPG key');
  if (count > 1) throw malformed(`holds ${count} keys, and it is not clear which one is meant`);
  try {
    const [key] = await openpgp.readPrivateKeys({ binaryKeys, config });
    if (key !== undefined) return key;
  } catch (error) {
    throw malformed('is damaged', error);
  }
  throw malformed('is of a kind that is not known');
}

async function choose(key: PrivateKey, at: Date, rules: Config): Promise<PrivateKey | Awaited<ReturnType<PrivateKey['getSigningKey']>>> {
  if (!(key.keyPacket as SecretKeyPacket).isDummy()) {
    try {
      return await key.getSigningKey(key.getKeyID(), at, undefined, rules);
    } catch {
      // Then a subkey may.
    }
  }
  return key.getSigningKey(undefined, at, undefined, rules);
}

async function unlock(packet: SecretKeyPacket | SecretSubkeyPacket, refused: (problem: string, cause?: unknown) => ImgkitError, passphrase: () => Promise<string | undefined>): Promise<void> {
  if (!packet.isDecrypted()) {
    const secret = await passphrase();
    if (secret === undefined || secret === '') throw refused('is protected by a passphrase; name its file with --passphrase-file.');
    await packet.decrypt(secret).catch((error: unknown) => {
      throw refused('the passphrase does not open it; check it.', error);
    });
  }
  await packet.validate().catch((error: unknown) => {
    throw refused('its secret half does not belong to its public half; export it again.', error);
  });
}
