import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { standardOutput } from '../../formats/locations/standard-output.js';
import { requireSpace } from '../content/free-space.js';
import { spool } from '../content/spool.js';
import { fillAtomic, writeChunks } from '../content/write-atomic.js';
import { decryptAge, decryptAgeFile } from '../crypto/encrypt/age/decrypt-age.js';
import { readIdentities, type DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import type { CommonOptions } from './options.js';
import { openPlainInput } from './plain-input.js';

export interface DecryptOptions extends CommonOptions, DecryptionOptions {
  /** The age file, binary or armored; `-` is `stdin`. */
  readonly input: string;
  /** Where the content goes; `-` is `stdout`. */
  readonly output: string;
  /** Stream for `-` as output. Default: `process.stdout`. */
  readonly stdout?: NodeJS.WritableStream | undefined;
}

export interface DecryptResult {
  readonly input: string;
  readonly output: string;
  /** Bytes of the content. */
  readonly bytes: number;
}

/**
 * Decrypts an age file. The content appears under its name, or on `stdout`, only after the last of it was proven: until
 * then it is in a private temporary file (0600 beside the output; without any name for `stdout`).
 * Throws `decryption-refused` when no identity fits, `ciphertext-malformed` when it is damaged or cut at any place,
 * `key-exposed`, `key-malformed`, `disk-full`.
 */
export async function decrypt(options: DecryptOptions): Promise<DecryptResult> {
  const { input, output, signal, stdout } = options;
  const identities = await readIdentities(options, signal);
  const source = await openPlainInput(input, 'decrypt', options);
  try {
    const { name, file, onBytes } = source;
    const plain = decryptAge(source.chunks, identities, { name, signal });
    if (output !== '-') {
      if (source.size !== undefined) await requireSpace(dirname(output), source.size);
      const fill = async (handle: FileHandle): Promise<number> => (file && (await decryptAgeFile(file, identities, { handle, name: output }, { name, signal, onBytes }))) ?? writeChunks(handle, plain, output);
      return { input, output, bytes: await fillAtomic(output, fill, signal) };
    }
    const proven = await spool(name, plain, { signal });
    try {
      await standardOutput(proven.stream(undefined, signal), stdout ?? process.stdout);
      return { input, output, bytes: proven.size };
    } finally {
      await proven.close();
    }
  } finally {
    await source.close();
  }
}
