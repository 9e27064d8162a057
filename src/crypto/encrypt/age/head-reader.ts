import { malformedAge } from './malformed.js';
import { AGE_LIMITS } from '../../../limits.js';

const LF = 10;

/** Takes lines and bytes off the front of a stream, then hands on the rest. Bounded by {@link AGE_LIMITS.headerBytes}. */
export class HeadReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #name: string;
  #held: Uint8Array = new Uint8Array();
  /** Memory that `#held` may be a part of, with room behind it. */
  #room: Uint8Array = new Uint8Array();
  #taken = 0;

  constructor(chunks: AsyncIterable<Uint8Array>, name: string) {
    this.#iterator = chunks[Symbol.asyncIterator]();
    this.#name = name;
  }

  /** Bytes taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The next line, without its line end. Throws `ciphertext-malformed` when it is too long or the stream ends before. */
  async line(): Promise<string> {
    for (let from = 0; ;) {
      const end = this.#held.indexOf(LF, from);
      if (this.#taken + (end === -1 ? this.#held.length : end) > AGE_LIMITS.headerBytes) throw malformedAge(this.#name, `its header is longer than ${AGE_LIMITS.headerBytes} bytes`);
      if (end !== -1) return Buffer.from(this.#take(end + 1)).toString('latin1', 0, end);
      from = this.#held.length;
      if (!(await this.#more())) throw malformedAge(this.#name, 'it ends in the middle of its header');
    }
  }

  /** Up to `length` bytes; fewer only at the end of the stream. */
  async bytes(length: number): Promise<Uint8Array> {
    while (this.#held.length < length && (await this.#more()));
    return this.#take(Math.min(length, this.#held.length));
  }

  /** What was not taken. Once. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      if (this.#held.length > 0) yield this.#held;
      this.#held = new Uint8Array();
      yield* { [Symbol.asyncIterator]: () => this.#iterator };
    } finally {
      await this.close();
    }
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  #take(length: number): Uint8Array {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#taken += length;
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#iterator.next();
    if (next.done === true) return false;
    this.#held = this.#held.length === 0 ? next.value : this.#joined(next.value);
    return true;
  }

  /** What is held and `chunk`. The room doubles, so that a header in many small pieces costs no more than in one. */
  #joined(chunk: Uint8Array): Uint8Array {
    const length = this.#held.length + chunk.length;
    if (this.#held.buffer !== this.#room.buffer || this.#held.byteOffset + length > this.#room.length) {
      this.#room = new Uint8Array(2 * length);
      this.#room.set(this.#held);
      this.#held = this.#room.subarray(0, this.#held.length);
    }
    const start = this.#held.byteOffset;
    this.#room.set(chunk, start + this.#held.length);
    return this.#room.subarray(start, start + length);
  }
}
