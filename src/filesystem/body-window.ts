import type { ByteSource } from '../content/byte-source.js';

const WINDOW = 1024 * 1024;

/** Reads many bodies that mostly lie one after the other: small ones come out of a window that moves along. */
export class BodyWindow {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `size` bytes at `offset`, in chunks that are valid until the next body is read. */
  async *read(offset: number, size: number): AsyncGenerator<Uint8Array> {
    if (size > WINDOW / 2) {
      yield* this.#source.stream({ offset, length: size });
      return;
    }
    const end = this.#start + this.#bytes.length;
    if (offset < this.#start || offset + size > end) {
      // Far away, as when the tar is not sorted: no more than is needed.
      const near = offset >= this.#start && offset <= end + WINDOW;
      const length = near ? Math.min(WINDOW, this.#source.size - offset) : size;
      this.#bytes = await this.#source.read(offset, length);
      this.#start = offset;
    }
    const at = offset - this.#start;
    yield this.#bytes.subarray(at, at + size);
  }
}
