import { fromSystemError, ImgkitError } from '../errors.js';
import type { ByteRange, ByteSource, FileRange } from './byte-source.js';
import { throwIfInterrupted } from './interrupted.js';
import type { ReadableFile } from './plain-file.js';

const CHUNK = 1024 * 1024;

/**
 * The first `size` bytes of an open file as a {@link ByteSource}. The source owns `handle` from now on:
 * whoever closes the source closes it. `name` is used in errors.
 */
export function handleSource(name: string, handle: ReadableFile, size: number): ByteSource {
  return new HandleSource(name, handle, size);
}

class HandleSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #handle: ReadableFile;

  constructor(name: string, handle: ReadableFile, size: number) {
    this.name = name;
    this.size = size;
    this.#handle = handle;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check({ offset, length });
    return await this.#read(offset, length);
  }

  async *stream(range: ByteRange = { offset: 0, length: this.size }, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#check(range);
    const end = range.offset + range.length;
    const next = (at: number): Promise<Uint8Array> | undefined => {
      const chunk = at < end ? this.#read(at, Math.min(CHUNK, end - at)) : undefined;
      // Heard of when its turn comes: the receiver may be at work until then.
      chunk?.catch(() => undefined);
      return chunk;
    };
    let ahead = next(range.offset);
    try {
      for (let at = range.offset; ahead !== undefined;) {
        throwIfInterrupted(signal, `reading ${this.name}`);
        const chunk: Uint8Array = await ahead;
        at += chunk.length;
        // The disk reads on while the receiver works on this chunk.
        ahead = next(at);
        yield chunk;
      }
    } finally {
      // The descriptor must not be in use once the receiver has gone.
      await ahead?.catch(() => undefined);
    }
  }

  locate(range: ByteRange): FileRange {
    this.#check(range);
    return { fd: this.#handle.fd, offset: range.offset, length: range.length };
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done).catch((error: unknown) => {
        throw fromSystemError(error, this.name, `reading at offset ${offset + done}`);
      });
      if (bytesRead === 0) throw endsEarly(this.name, offset + done, offset + length);
      done += bytesRead;
    }
    return bytes;
  }

  #check({ offset, length }: ByteRange): void {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw new RangeError(`${this.name}: ${length} bytes at ${offset} is not a range.`);
    }
    if (offset + length > this.size) throw endsEarly(this.name, this.size, offset + length);
  }
}

/** The error for bytes that should reach `expected` but end at `offset`. Code `tar-truncated`. */
export function endsEarly(name: string, offset: number, expected: number): ImgkitError {
  return new ImgkitError('tar-truncated', `${name}: ends at byte ${offset}, but bytes up to ${expected} are needed; it is cut short, so get it again.`, {
    file: name,
    offset,
    expected: `${expected} bytes`,
    found: `${offset} bytes`,
  });
}
