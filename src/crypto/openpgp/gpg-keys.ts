import type { Config, KeyID, PublicKey, Subkey } from 'openpgp';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';
import { readKeyFacts } from './key-facts.js';
import { readKeyPackets } from './key-packets.js';
import { loadOpenpgp, openpgpRules, unreadCurve } from './load-openpgp.js';
import { writePacket } from './packets.js';

/** A public key with all that belongs to it, and the file that it came from. */
export interface GpgKey {
  readonly file: string;
  /** Of the primary key, as gpg prints it. */
  readonly fingerprint: string;
  readonly weakness: string | undefined;
  readonly key: PublicKey;
}

/** Reads the keys of a file, armored or binary. What they certify of themselves is checked by {@link gpgKeyProblem}. Throws `key-malformed`, `key-refused`. */
export async function readGpgKeys(file: TrustFile): Promise<readonly GpgKey[]> {
  const packets = readKeyPackets(file);
  const facts = readKeyFacts(file);
  const openpgp = await loadOpenpgp();
  try {
    const keys = await openpgp.readKeys({ binaryKeys: Buffer.concat(packets.map(writePacket)), config: openpgpRules(openpgp) });
    return keys.map((key) => {
      const fingerprint = key.getFingerprint().toUpperCase();
      return { file: file.name, fingerprint, weakness: facts.find((each) => each.fingerprint === fingerprint)?.weakness, key };
    });
  } catch (error) {
    throw new ImgkitError('key-malformed', `${file.name}: is no GPG key that can be read (${reason(error)}); write it with gpg --export.`, { file: file.name }, { cause: error });
  }
}

/**
 * Why the key may not vouch for anything at `at`, as the end of a sentence; undefined when it may. With `part`, that subkey or primary key
 * must be for signing, and bound to the key. Expiry and revocation are those that the key's owner certified in the file; one
 * because the key is lost or stolen, or without a reason, counts for every time.
 */
export async function gpgKeyProblem({ key, weakness }: GpgKey, part: KeyID | undefined, at: Date): Promise<string | undefined> {
  if (weakness !== undefined) return `is too weak: ${weakness}`;
  const curve = unreadCurve(key);
  if (curve !== undefined) return `is on the curve ${curve}, which is not computed here`;
  const openpgp = await loadOpenpgp();
  const rules = openpgpRules(openpgp);
  try {
    await key.getSigningKey(part, at, undefined, rules);
    return undefined;
  } catch (error) {
    return (await endOf(key, part, at, rules)) ?? `cannot be used for signatures (${reason(error)})`;
  }
}

/** True when the key, or the part of it that signed, was revoked by its owner at `at`. */
export async function isGpgKeyRevoked({ key }: GpgKey, part: KeyID, at: Date): Promise<boolean> {
  const rules = openpgpRules(await loadOpenpgp());
  const [subkey] = key.getSubkeys(part);
  return (await key.isRevoked(undefined, undefined, at, rules)) || (subkey !== undefined && isSubkeyRevoked(subkey, at, rules));
}

/** The time after which the key vouches for nothing; undefined when there is none. */
export async function gpgKeyExpiry({ key }: GpgKey): Promise<Date | undefined> {
  const expires = await key.getExpirationTime(undefined, openpgpRules(await loadOpenpgp()));
  return expires instanceof Date ? expires : undefined;
}

async function endOf(key: PublicKey, part: KeyID | undefined, at: Date, rules: Config): Promise<string | undefined> {
  if (await key.isRevoked(undefined, undefined, at, rules)) return 'was revoked';
  const expired = (end: Date | number | null): string | undefined => (end instanceof Date && end <= at ? `expired on ${end.toISOString().slice(0, 10)}` : undefined);
  const primary = expired(await key.getExpirationTime(undefined, rules));
  if (primary !== undefined || part === undefined) return primary;
  const subkey: Subkey | undefined = key.getSubkeys(part)[0];
  if (subkey === undefined) return undefined;
  if (subkey.revocationSignatures.length > 0 && await isSubkeyRevoked(subkey, at, rules)) return 'was revoked (the subkey that signed)';
  const end = expired(await subkey.getExpirationTime(at, rules));
  return end === undefined ? undefined : `${end} (the subkey that signed)`;
}

async function isSubkeyRevoked(subkey: Subkey, at: Date, rules: Config): Promise<boolean> {
  const [binding] = subkey.bindingSignatures;
  return binding !== undefined && subkey.isRevoked(binding, subkey.mainKey.keyPacket, at, rules);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200).replace(/\.$/, '') : 'unknown';
}
