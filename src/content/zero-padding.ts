import { malformedCompression } from './malformed-compression.js';

const ZEROS = Buffer.alloc(64 * 1024);

/** What follows the last gzip member: zeros are padding (tapes, block devices), anything else is not to be ignored. */
export class ZeroPadding {
  readonly #name: string;
  #begun = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** True once the first byte after the last member was seen. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Proves that `bytes` at `offset` of the compressed stream are zeros. Throws `compression-malformed`. */
  take(bytes: Uint8Array, offset: number): void {
    this.#begun = true;
    for (let at = 0; at < bytes.length; at += ZEROS.length) {
      const part = bytes.subarray(at, at + ZEROS.length);
      if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) {
        throw malformedCompression(this.#name, 'bytes that are not zero follow the padding after the last gzip member', offset + at);
      }
    }
  }
}
