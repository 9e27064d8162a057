import { readSecretFile } from '../../content/secret-file.js';
import { ImgkitError } from '../../errors.js';

/** Longest passphrase, bytes; minisign's bound, and far beyond what anyone types. */
const MOST_PASSPHRASE_BYTES = 1024;

/** A passphrase, or how to get one when it turns out to be needed: a prompt is shown only then. */
export type Passphrase = string | (() => Promise<string | undefined>);

/** Where a passphrase may come from; the file wins. */
export interface PassphraseOptions {
  /** A private file (0600) whose first line is the passphrase. */
  readonly passphraseFile?: string | undefined;
  readonly passphrase?: Passphrase | undefined;
}

/** The passphrase that `options` name, undefined when they name none. Throws as {@link readPassphraseFile}, `key-refused`. */
export async function resolvePassphrase(options: PassphraseOptions, signal?: AbortSignal): Promise<string | undefined> {
  if (options.passphraseFile !== undefined) return await readPassphraseFile(options.passphraseFile, signal);
  const { passphrase } = options;
  return checked(typeof passphrase === 'function' ? await passphrase() : passphrase);
}

/**
 * The passphrase in a file: all of it, without the one line end that editors and `echo` put after it.
 * Throws `key-exposed` when others can read the file, `key-malformed` when it is empty, holds several lines, or is not UTF-8.
 */
export async function readPassphraseFile(path: string, signal?: AbortSignal): Promise<string> {
  const bytes = await readSecretFile(path, { signal, most: MOST_PASSPHRASE_BYTES + 2 });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ImgkitError('key-malformed', `${path}: the passphrase is not UTF-8 text; write it as plain text.`, { file: path }, { cause: error });
  } finally {
    bytes.fill(0);
  }
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw new ImgkitError('key-malformed', `${path}: is empty; write the passphrase into it.`, { file: path });
  if (/[\r\n\0]/.test(passphrase)) throw new ImgkitError('key-malformed', `${path}: holds more than one line; a passphrase file holds the passphrase alone.`, { file: path });
  return checked(passphrase) as string;
}

function checked(passphrase: string | undefined): string | undefined {
  if (passphrase !== undefined && Buffer.byteLength(passphrase) > MOST_PASSPHRASE_BYTES) {
    throw new ImgkitError('key-refused', `The passphrase has more than ${MOST_PASSPHRASE_BYTES} bytes; take a shorter one.`);
  }
  return passphrase;
}
