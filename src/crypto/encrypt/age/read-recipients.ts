import { open } from 'node:fs/promises';
import { throwIfInterrupted } from '../../../content/interrupted.js';
import { fromSystemError, ImgkitError } from '../../../errors.js';
import { resolvePassphrase, type PassphraseOptions } from '../../keys/passphrase.js';
import { AGE_LIMITS } from '../../../limits.js';
import type { AgeRecipient } from './recipient.js';
import { scryptRecipient } from './scrypt.js';
import { sshRecipient } from './ssh-recipient.js';
import { x25519Recipient } from './x25519-recipient.js';

/** For whom something is encrypted: recipients, or a passphrase alone. */
export interface EncryptionOptions extends PassphraseOptions {
  /** `age1...`, or an OpenSSH public key line of type ssh-ed25519 or ssh-rsa. */
  readonly recipients?: readonly string[] | undefined;
  /** Files that hold one of them on each line; `#` starts a comment. An SSH `.pub` file is one. */
  readonly recipientsFiles?: readonly string[] | undefined;
}

/** The recipients that `options` name, each once. Throws `key-malformed`, `key-refused`, `key-exposed`, `file-not-found`. */
export async function readRecipients(options: EncryptionOptions, signal?: AbortSignal): Promise<readonly AgeRecipient[]> {
  const found = (options.recipients ?? []).map((text) => parseRecipient(text.trim(), 'a recipient'));
  for (const path of options.recipientsFiles ?? []) {
    const lines = (await readText(path, signal)).split(/\r?\n/).map((line) => line.trim());
    const meant = lines.flatMap((line, i) => (line === '' || line.startsWith('#') ? [] : [parseRecipient(line, `${path}, line ${i + 1}`)]));
    if (meant.length === 0) throw new ImgkitError('key-malformed', `${path}: names no recipient; write one on each line.`, { file: path });
    found.push(...meant);
  }
  const passphrase = await resolvePassphrase(options, signal);
  if (passphrase !== undefined) found.push(scryptRecipient(passphrase));
  return [...new Map(found.map((recipient) => [recipient.label, recipient])).values()];
}

/** One recipient as text. Throws `key-malformed`, `key-refused`; never quotes a secret. */
export function parseRecipient(text: string, where: string): AgeRecipient {
  if (/^AGE-(?:SECRET-KEY|PLUGIN)-/i.test(text)) throw new ImgkitError('key-refused', `${where} is a secret identity; give the recipient that belongs to it (age-keygen -y prints it), and replace the key if others saw it.`, { file: where });
  if (/^age1[a-z0-9]*1/.test(text)) throw new ImgkitError('key-refused', `${where}: this kind of recipient (${text.slice(0, text.indexOf('1', 4))}) is not supported; use an X25519 recipient (age1...) or an SSH key.`, { file: where });
  if (text.startsWith('age1')) return x25519Recipient(text, where);
  if (/^[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/=]+/.test(text)) return sshRecipient(text, where);
  throw new ImgkitError('key-malformed', `${where}: "${text.slice(0, 40)}" is neither age1... nor an SSH public key ("ssh-ed25519 AAAA..."); a file of recipients is named with -R.`, { file: where });
}

async function readText(path: string, signal: AbortSignal | undefined): Promise<string> {
  throwIfInterrupted(signal, `reading ${path}`);
  try {
    const handle = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(AGE_LIMITS.keyFileBytes + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read) ({ bytesRead: read } = await handle.read(bytes, length, bytes.length - length, null));
      if (length === bytes.length) throw new ImgkitError('key-malformed', `${path}: is larger than any list of recipients; check which file it is.`, { file: path });
      return bytes.toString('utf8', 0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fromSystemError(error, path, 'reading it');
  }
}
