import { createHash } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { SshReader, type Malformed } from '../keys/ssh-wire.js';
import type { TrustFile } from '../trust/trust.js';

const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const SECTION = { certificates: 1, keys: 2, sha1: 3, signature: 4, sha256: 5 } as const;

/** True for a binary revocation list, as `ssh-keygen -k` writes it. */
export function isKrl(bytes: Uint8Array): boolean {
  return MAGIC.equals(Buffer.from(bytes.subarray(0, MAGIC.length)));
}

/**
 * Whether a binary key revocation list (OpenSSH's PROTOCOL.krl) revokes the key with this encoding, by the key itself or by a
 * fingerprint. Sections about certificates are read over: signatures by certificates are not accepted in the first place.
 * Throws `key-malformed` for a list that is damaged or has a section that is not known: it could revoke this key.
 */
export function krlRevokes({ name, bytes }: TrustFile, publicKey: Uint8Array): boolean {
  const malformed: Malformed = (problem) => new ImgkitError('key-malformed', `${name}: the key revocation list ${problem}; get it again, or make it anew with ssh-keygen -k.`, { file: name });
  const reader = new SshReader(bytes, malformed);
  reader.bytes(MAGIC.length);
  if (reader.uint32() !== 1) throw malformed('is of an unknown version');
  // Version of the list, date, flags, reserved, comment.
  reader.uint64();
  reader.uint64();
  reader.uint64();
  reader.string();
  reader.string();
  const revoked = new Map<number, Uint8Array>([
    [SECTION.keys, publicKey],
    [SECTION.sha1, createHash('sha1').update(publicKey).digest()],
    [SECTION.sha256, createHash('sha256').update(publicKey).digest()],
  ]);
  let found = false;
  while (reader.left > 0) {
    const section = reader.byte();
    const body = reader.string();
    const wanted = revoked.get(section);
    if (wanted === undefined) {
      if (section !== SECTION.certificates && section !== SECTION.signature) throw malformed(`has a section of type ${section}, which is not known`);
      continue;
    }
    for (const items = new SshReader(body, malformed); items.left > 0;) if (Buffer.from(wanted).equals(Buffer.from(items.string()))) found = true;
  }
  return found;
}
