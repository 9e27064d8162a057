/**
 * The bytes of an upload, in order, from any offset: a registry may have kept less than what was sent, so a part can be asked for
 * again. Reading goes on where it stopped when that is the place, and starts anew when it is not.
 */
export class UploadBody {
  /** What reading the source threw: not the registry's fault, and not to be tried again. */
  failure: unknown;
  /** True once the source has ended as it should: what it checks at its end is proven. */
  ended = false;
  readonly #open: () => AsyncIterable<Uint8Array>;
  readonly #onBytes: (done: number) => void;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  #position = 0;
  #rest: Uint8Array | undefined;

  constructor(open: () => AsyncIterable<Uint8Array>, onBytes: (done: number) => void = () => undefined) {
    this.#open = open;
    this.#onBytes = onBytes;
  }

  /** Where the next byte would come from without starting anew. */
  get position(): number {
    return this.#position;
  }

  /** The bytes from `offset`, at most `length` of them. One at a time. Throws what the source throws, and keeps it in `failure`. */
  async *slice(offset: number, length: number = Number.MAX_SAFE_INTEGER): AsyncGenerator<Uint8Array, void, undefined> {
    const end = offset + length;
    if (offset < this.#position) await this.close();
    while (this.#position < end) {
      const chunk = await this.#next();
      if (chunk === undefined) return;
      const start = Math.max(0, Math.min(chunk.length, offset - this.#position));
      const stop = Math.min(chunk.length, end - this.#position);
      if (stop < chunk.length) this.#rest = chunk.subarray(stop);
      this.#position += stop;
      if (stop === start) continue;
      yield chunk.subarray(start, stop);
      this.#onBytes(this.#position);
    }
    // The check at the source's end must have been made before the registry takes the last byte for the end.
    if (this.#rest === undefined && !this.ended) this.#rest = await this.#next();
  }

  /** Reads the source to its end, so that it is checked. */
  async finish(): Promise<void> {
    for await (const _ of this.slice(this.#position)) {
      // Only the end counts.
    }
  }

  async close(): Promise<void> {
    await this.#iterator?.return?.();
    this.#iterator = undefined;
    this.#rest = undefined;
    this.#position = 0;
    this.ended = false;
  }

  async #next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) return rest;
    this.#iterator ??= this.#open()[Symbol.asyncIterator]();
    try {
      const { done, value } = await this.#iterator.next();
      if (done !== true) return value;
      this.ended = true;
      return undefined;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
