import { isMinisignFile, isMinisignSecretKey } from '../../crypto/keys/minisign-comment.js';
import { isGpgPublicKey } from '../../crypto/openpgp/key-packets.js';
import { isGpgSecretKey } from '../../crypto/openpgp/secret-key-file.js';
import { formatSshPublicLine, parseSshPublicLine } from '../../crypto/keys/ssh-public-line.js';
import { keyFileIdentity } from '../../crypto/sign/key-file-identity.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import { ImgkitError } from '../../errors.js';
import { describeForeignFile } from './describe-foreign-file.js';

/** A public key, and the list of a trust that it belongs to. */
export interface SortedKey {
  readonly kind: 'allowedSigners' | 'minisign' | 'cosign' | 'gpg';
  readonly file: TrustFile;
}

/**
 * Sees what kind of public key a file holds. An SSH key becomes a line of allowed signers whose principal is the name of the file,
 * as for the other kinds. Throws `key-malformed` for anything else, and says what it is where that helps.
 */
export function sortPublicKey(file: TrustFile): SortedKey {
  const text = Buffer.from(file.bytes).toString('latin1');
  const wrong = (problem: string): ImgkitError => new ImgkitError('key-malformed', `${file.name}: ${problem}`, { file: file.name });
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) || isGpgSecretKey(file.bytes) || isMinisignSecretKey(file.bytes)) throw wrong('is a private key; name the public one, and keep this to yourself.');
  if (/-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(text)) throw wrong('is a certificate; name it with --cert.');
  if (isGpgPublicKey(file.bytes)) return { kind: 'gpg', file };
  if (isMinisignFile(text)) return { kind: 'minisign', file };
  if (/^\s*-----BEGIN PUBLIC KEY-----/.test(text)) return { kind: 'cosign', file };
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const [line] = lines;
  if (line === undefined || lines.length > 1 || !/^(?:ssh-|ecdsa-|sk-)/.test(line)) throw wrong(`${describeForeignFile(file.bytes, text)}.`);
  const { type, blob, key } = parseSshPublicLine(line.trim(), file.name);
  // It would be in the list and never count, and a good signature be by a key "that is not trusted".
  if (key === undefined) throw wrong(`${type.includes('-cert-') ? 'is an SSH certificate, and those are not accepted; name the public key of its owner' : `is an SSH key of the type ${type}, which signs nothing here; ask its owner for another one`}.`);
  // Nothing in a file name may work as a pattern or an option.
  const principal = (keyFileIdentity(file.name, undefined) ?? '').replaceAll(/[^\w.@+-]/g, '_') || 'key';
  return { kind: 'allowedSigners', file: { name: file.name, bytes: Buffer.from(`${principal} ${formatSshPublicLine(type, blob, '')}\n`) } };
}
