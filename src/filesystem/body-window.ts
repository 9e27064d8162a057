import type { ByteSource } from '../content/byte-source.js';
import { endsEarly } from '../content/handle-source.js';
import { lendRange } from '../content/lend-range.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { localChunks } from '../content/local-chunks.js';
import { readAtSync } from '../content/read-at-sync.js';

const WINDOW = 1024 * 1024;
const SMALLEST = 4 * 1024;
/** A body that starts so soon after what was read is likely to be followed by the next. */
const NEAR = 64 * 1024;

/**
 * Reads a tar through one buffer that is used again and again. A file is read synchronously: for the many small bodies of a
 * filesystem that takes a tenth of the time, and no garbage is left. While bodies are asked for in the order of the tar, those that
 * follow are read along.
 */
export class BodyWindow {
  readonly #source: ByteSource;
  readonly #bytes = Buffer.allocUnsafeSlow(WINDOW);
  /** Where in the tar the buffer's bytes start and end. */
  #start = 0;
  #end = 0;
  #span = SMALLEST;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `size` bytes at `offset`, lent until the next chunk or body is read. */
  body(offset: number, size: number): Iterable<LentChunk> | AsyncIterable<LentChunk> {
    const range = { offset, length: size };
    const local = this.#source.locate(range);
    if (local === undefined) return lendRange(this.#source, range);
    return size > WINDOW / 2 ? localChunks(local, this.#source.name) : [this.#read(offset, size)];
  }

  #read(offset: number, length: number): Uint8Array {
    if (offset < this.#start || offset + length > this.#end) this.#move(offset, length);
    const at = offset - this.#start;
    return this.#bytes.subarray(at, at + length);
  }

  #move(offset: number, length: number): void {
    const { name, size } = this.#source;
    this.#span = offset >= this.#start && offset < this.#end + NEAR ? Math.min(this.#span * 2, WINDOW) : SMALLEST;
    const wanted = Math.min(Math.max(length, this.#span), size - offset);
    const range = this.#source.locate({ offset, length: wanted });
    if (range === undefined) throw new TypeError(`${name} is in no file`);
    this.#start = offset;
    this.#end = offset;
    while (this.#end < offset + wanted) {
      const done = this.#end - offset;
      const count = readAtSync(range.fd, this.#bytes.subarray(done), wanted - done, range.offset + done, name);
      if (count === 0) throw endsEarly(name, this.#end, offset + wanted);
      this.#end += count;
    }
  }
}
