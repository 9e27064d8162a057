import { standardInput } from '../../formats/locations/standard-input.js';
import type { ByteSource } from '../content/byte-source.js';
import { openFileSource } from '../content/file-source.js';
import type { CommonOptions } from './options.js';

/** A file, or what arrives on standard input. */
export interface PlainInput {
  readonly name: string;
  /** Undefined for a stream. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The file itself, for those who read it otherwise, and say so to `onBytes`. */
  readonly file: ByteSource | undefined;
  readonly onBytes: (done: number) => void;
  close(): Promise<void>;
}

/** Opens the file at `path`, or `-`. Reports bytes read as `phase`. The caller closes it. Throws `file-not-found`, `io-failed`. */
export async function openPlainInput(path: string, phase: string, { stdin, signal, onProgress }: CommonOptions): Promise<PlainInput> {
  const file = path === '-' ? undefined : await openFileSource(path);
  const given = standardInput(stdin, signal);
  const name = file?.name ?? 'stdin';
  const onBytes = (done: number): void => onProgress?.({ phase, item: name, done, total: file?.size });
  const watch = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const chunk of chunks) {
      done += chunk.length;
      yield chunk;
      onBytes(done);
    }
  };
  return {
    name,
    size: file?.size,
    file,
    onBytes,
    chunks: watch(file?.stream(undefined, signal) ?? given),
    close: async () => {
      // Not waited for: somebody may still wait for a chunk of it.
      given.return().catch(() => undefined);
      await file?.close();
    },
  };
}
