/** Thrown when bits are asked for that have not come yet. */
export class BitsMissing extends Error {}

/** Bits of bytes that arrive in pieces, the highest of a byte first. */
export class BitReader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Of the bytes taken: the last `#held` bits. */
  #value = 0;
  #held = 0;
  #taken = 0;

  /** Bytes that no bit was taken of. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Bytes of which a bit was taken. */
  get taken(): number {
    return this.#taken + this.#at;
  }

  /** More bytes, after those that are left. */
  push(bytes: Uint8Array): void {
    this.#taken += this.#at;
    this.#bytes = this.left === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /** The next `count` bits, at most 24, as a number. Throws {@link BitsMissing}. */
  read(count: number): number {
    while (this.#held < count) {
      if (this.#at === this.#bytes.length) throw new BitsMissing();
      this.#value = (this.#value << 8) | (this.#bytes[this.#at++] as number);
      this.#held += 8;
    }
    this.#held -= count;
    const result = this.#value >>> this.#held;
    this.#value &= (1 << this.#held) - 1;
    return result;
  }

  /** To the next whole byte. */
  align(): void {
    this.#held = 0;
    this.#value = 0;
  }
}
