import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { standardOutput } from '../../formats/locations/standard-output.js';
import { requireSpace } from '../content/free-space.js';
import { peek } from '../content/peek.js';
import { spool } from '../content/spool.js';
import { fillAtomic, writeChunks } from '../content/write-atomic.js';
import { decryptAge, decryptAgeFile } from '../crypto/encrypt/age/decrypt-age.js';
import { AGE_HEAD } from '../crypto/encrypt/age/detect.js';
import { readIdentities, type DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import { isCms } from '../crypto/encrypt/cms/detect-cms.js';
import { ImgkitError } from '../errors.js';
import { beginCall } from './begin-call.js';
import { PATH } from './option-kinds.js';
import type { CommonOptions } from './options.js';
import { openPlainInput } from './plain-input.js';
import { refuseOwnInput } from './refuse-own-input.js';

export interface DecryptOptions extends CommonOptions, DecryptionOptions {
  /** The age file, binary or armored, or the CMS message (DER); `-` is `stdin`. */
  readonly input: string;
  /** Where the content goes; `-` is `stdout`. */
  readonly output: string;
  /** Open CMS EnvelopedData (AES-CBC) too, though nothing proves that its content was not changed on the way. */
  readonly acceptUnauthenticated?: boolean | undefined;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface DecryptResult {
  readonly input: string;
  readonly output: string;
  /** Bytes of the content. */
  readonly bytes: number;
  /** False for CMS whose content nothing proves (`acceptUnauthenticated`). */
  readonly authenticated: boolean;
}

/**
 * Decrypts an age file, or a CMS message (`openssl cms -encrypt -aes-256-gcm -outform DER`). The content appears under its name, or on
 * `stdout`, only after the last of it was proven: until then it is in a private temporary file (0600 beside the output; without
 * any name for `stdout`). Throws `decryption-refused` when no identity fits or nothing could prove the content,
 * `ciphertext-malformed` when it is damaged or cut at any place, `key-exposed`, `key-malformed`, `disk-full`, `usage` when `output` is `input`.
 */
export async function decrypt(options: DecryptOptions): Promise<DecryptResult> {
  beginCall(options, { input: PATH, output: PATH });
  const { input, output, signal } = options;
  await refuseOwnInput(input, output);
  const source = await openPlainInput(input, 'decrypt', options);
  try {
    const { name, file, onBytes } = source;
    const { head, all } = file === undefined ? await peek(source.chunks, AGE_HEAD) : { head: await file.read(0, Math.min(AGE_HEAD, file.size)), all: source.chunks };
    if (isCms(head)) {
      const message = file ?? (await spool(name, all, { signal }));
      try {
        const { decryptCms } = await import('./decrypt-cms.js');
        const { authenticated, content } = await decryptCms(message, options, { name, acceptUnauthenticated: options.acceptUnauthenticated === true, signal, onBytes });
        return { input, output, authenticated, bytes: await deliver(content, name, message.size, options) };
      } finally {
        await message.close();
      }
    }
    refuseTextCms(head, name);
    const identities = await readIdentities(options, signal);
    const inThreads = async (handle: FileHandle): Promise<number | undefined> => file && (await decryptAgeFile(file, identities, { handle, name: output }, { name, signal, onBytes }));
    return { input, output, authenticated: true, bytes: await deliver(decryptAge(all, identities, { name, signal }), name, source.size, options, inThreads) };
  } finally {
    await source.close();
  }
}

/** What openssl calls the forms of CMS that are text, and how they begin. */
const TEXT_CMS = [['SMIME', /^(?:MIME-Version:|Content-Type: application\/(?:x-)?pkcs7)/i], ['PEM', /^-----BEGIN (?:CMS|PKCS7)-----/]] as const;

/** Brings the content to its place when all of it was proven; `fill` may do so by itself where it is a file. Returns its bytes. */
async function deliver(plain: AsyncIterable<Uint8Array>, name: string, size: number | undefined, { output, signal, stdout }: DecryptOptions, fill?: (handle: FileHandle) => Promise<number | undefined>): Promise<number> {
  if (output !== '-') {
    if (size !== undefined) await requireSpace(dirname(output), size);
    return fillAtomic(output, async (handle) => (await fill?.(handle)) ?? writeChunks(handle, plain, output), signal);
  }
  const proven = await spool(name, plain, { signal });
  try {
    await standardOutput(proven.stream(undefined, signal), stdout ?? process.stdout, signal);
    return proven.size;
  } finally {
    await proven.close();
  }
}

function refuseTextCms(head: Uint8Array, name: string): void {
  const start = Buffer.from(head).toString('latin1');
  const form = TEXT_CMS.find(([, pattern]) => pattern.test(start))?.[0];
  if (form !== undefined) throw new ImgkitError('ciphertext-malformed', `${name}: is CMS written as text (${form}), which is not read; write it with openssl cms -outform DER, or change it: openssl cms -cmsout -inform ${form} -in FILE -outform DER -out FILE.p7m`, { file: name, found: form });
}
