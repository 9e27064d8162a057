import { ImgkitError } from '../../errors.js';
import { certifiedKey } from '../keys/ssh-certified-key.js';
import { parseSshPublicLine } from '../keys/ssh-public-line.js';
import type { TrustFile } from '../trust/trust.js';
import { textLines } from './allowed-signers.js';
import { isKrl, krlRevokes } from './ssh-krl.js';

/**
 * The name of the first list that revokes the key with this encoding; undefined when none does. A list is a file of public
 * keys, one a line, or a binary list of `ssh-keygen -k`. A line with a certificate revokes the key that it is about, as it does for ssh-keygen. Throws `key-malformed` for a list with a line that cannot be read.
 */
export function revokedBy(lists: readonly TrustFile[], publicKey: Uint8Array): string | undefined {
  return lists.find((list) => (isKrl(list.bytes) ? krlRevokes(list, publicKey) : listed(list, publicKey)))?.name;
}

function listed(list: TrustFile, publicKey: Uint8Array): boolean {
  const wanted = Buffer.from(publicKey);
  // Every line is read, also after a match: a broken file is broken for every key.
  return textLines(list)
    .map((line, i) => ({ line: line.trim(), where: `${list.name}, line ${i + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, where }) => certifiedKey(parseSshPublicLine(line, where).blob, (problem) => new ImgkitError('key-malformed', `${where}: the certificate ${problem}; get it again.`, { file: where })))
    .some((blob) => wanted.equals(blob));
}
