import type { ByteSource } from '../content/byte-source.js';
import { asBuffer } from './block.js';

const SMALLEST = 2 * 1024;
const LARGEST = 1024 * 1024;

/**
 * The last piece read of a source. It grows while reads follow each other closely (many small entries) and
 * shrinks when they are far apart (large bodies that are skipped).
 */
export class SlidingWindow {
  readonly #source: ByteSource;
  #span = SMALLEST;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Offset in the source of the first byte of {@link bytes}. */
  get start(): number {
    return this.#start;
  }

  covers(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#bytes.length;
  }

  /** Reads the piece that starts at `offset`, `length` bytes or more. The range must lie within the source. */
  async move(offset: number, length: number): Promise<void> {
    const gap = offset - (this.#start + this.#bytes.length);
    this.#span = gap < this.#span ? Math.min(this.#span * 2, LARGEST) : SMALLEST;
    const size = Math.min(Math.max(this.#span, length), this.#source.size - offset);
    this.#bytes = asBuffer(await this.#source.read(offset, size));
    this.#start = offset;
  }
}
