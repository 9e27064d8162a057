import { dirname } from 'node:path';
import { standardOutput } from '../../formats/locations/standard-output.js';
import { countedChunks } from '../content/counted-chunks.js';
import { requireSpace } from '../content/free-space.js';
import { fillAtomic, writeChunks } from '../content/write-atomic.js';
import { prepareAge } from '../crypto/encrypt/age/encrypt-age.js';
import { readRecipients, type EncryptionOptions } from '../crypto/encrypt/age/read-recipients.js';
import { beginCall } from './begin-call.js';
import { oneOf, PATH } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { openPlainInput } from './plain-input.js';
import { refuseOwnInput } from './refuse-own-input.js';

export interface EncryptOptions extends CommonOptions, EncryptionOptions {
  /** The file to encrypt, whatever is in it; `-` is `stdin`. */
  readonly input: string;
  /**
   * `cms`: AuthEnvelopedData with AES-256-GCM, at most 1 GiB, for those who must; `recipients` are then files with certificates (PEM or
   * DER; RSA or P-256), and there is no passphrase. Default: `age`.
   */
  readonly format?: 'age' | 'cms' | undefined;
  /** Where the encrypted file goes; `-` is `stdout`. */
  readonly output: string;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface EncryptResult {
  readonly input: string;
  readonly output: string;
  /** Who can open it: public keys, or "a passphrase". */
  readonly recipients: readonly string[];
  /** Bytes of the content. */
  readonly plainBytes: number;
  /** Bytes of the encrypted file. */
  readonly bytes: number;
}

/**
 * Encrypts a file as age does (https://c2sp.org/age): for X25519 and SSH recipients, or with a passphrase; `age -d` opens it.
 * With `format: 'cms'` for certificates; `openssl cms -decrypt` opens that.
 * The output appears under its name only when complete. It hides the content and its changes, not who sent it: sign it too.
 * Throws `usage` for no recipient or when `output` is `input`, `key-malformed`, `key-refused`, `file-not-found`, `disk-full`, `limit-exceeded` for too much as CMS.
 */
export async function encrypt(options: EncryptOptions): Promise<EncryptResult> {
  beginCall(options, { input: PATH, output: PATH, 'format?': oneOf('age', 'cms') });
  const { input, output, format = 'age', signal, stdout } = options;
  await refuseOwnInput(input, output);
  if (format === 'cms') return (await import('./encrypt-cms.js')).encryptCms(options);
  const recipients = await readRecipients(options, signal);
  const age = await prepareAge(recipients);
  const source = await openPlainInput(input, 'encrypt', options);
  try {
    let plainBytes = 0;
    let bytes = 0;
    const sealed = age.encrypt(countedChunks(source.chunks, (done) => { plainBytes = done; }), { name: source.name, signal });
    if (output === '-') {
      await standardOutput(countedChunks(sealed, (done) => { bytes = done; }), stdout ?? process.stdout, signal);
    } else {
      if (source.size !== undefined) await requireSpace(dirname(output), age.size(source.size));
      bytes = await fillAtomic(output, async (handle) => {
        const written = source.file && (await age.encryptFile(source.file, { handle, name: output }, { signal, onBytes: source.onBytes }));
        if (written !== undefined) plainBytes = source.size ?? 0;
        return written ?? writeChunks(handle, sealed, output);
      }, signal);
    }
    return { input, output, recipients: recipients.map(({ label }) => label), plainBytes, bytes };
  } finally {
    await source.close();
  }
}
