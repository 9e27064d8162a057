import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';

/** Compressed bytes that may pass before output is expected: headers, skippable frames, a table of contents. */
const BARREN_FLOOR = 1024 * 1024;
/** Past that floor, compressed bytes allowed per byte of output. Real data never costs more than a little over 1. */
const BARREN_RATIO = 16;

/** Watches one compressed stream for expansion without bound, and for input without output (endless empty members). */
export class ExpansionGuard {
  readonly #name: string;
  readonly #limits: Limits;
  #input = 0;
  #output = 0;

  constructor(name: string, limits: Limits) {
    this.#name = name;
    this.#limits = limits;
  }

  /** Counts compressed bytes, before they are decoded. Throws `limit-exceeded`. */
  consumed(bytes: number): void {
    if (this.#input > BARREN_FLOOR && this.#input > BARREN_FLOOR + BARREN_RATIO * this.#output) {
      throw this.#exceeded(`${this.#input} compressed bytes hold only ${this.#output} bytes of content; it is padded with empty parts, so get it from another source`);
    }
    this.#input += bytes;
  }

  /** Counts decoded bytes. Throws `limit-exceeded`. */
  produced(bytes: number): void {
    this.#output += bytes;
    const { compressionRatio, ratioFloor } = this.#limits;
    if (this.#output > ratioFloor && this.#output > this.#input * compressionRatio) {
      throw this.#exceeded(`expands to more than ${compressionRatio} times its ${this.#input} compressed bytes; raise the limit compressionRatio if you trust its source`);
    }
  }

  #exceeded(what: string): ImgkitError {
    return new ImgkitError('limit-exceeded', `${this.#name}: ${what}.`, { file: this.#name, offset: this.#input });
  }
}
