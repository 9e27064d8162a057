import type { FileHandle } from 'node:fs/promises';
import { copyBytes } from './copy-bytes.js';
import { writeFullySync } from './write-fully.js';

const BUFFER = 1024 * 1024;
/** Padding of a tar: a gap that no piece of its own can lie in. */
const GAP = 512;

/**
 * Writes pieces at any place of a file; pieces that follow each other, less than 512 bytes of zeros between them, go to the
 * disk together, synchronously: receivers of a layer's bytes cannot wait. Call {@link flush} in the end.
 */
export class PositionalWriter {
  readonly #handle: FileHandle;
  readonly #name: string;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #start = 0;
  #filled = 0;

  /** `name` is for errors. The handle stays the caller's. */
  constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  /** Takes `bytes`, which may be reused afterwards, for `position`. Throws `disk-full`, `io-failed`. */
  write(bytes: Uint8Array, position: number): void {
    const gap = position - this.#start - this.#filled;
    if (gap >= 0 && gap < GAP && this.#filled + gap + bytes.length <= BUFFER) {
      if (gap > 0) this.#buffer.fill(0, this.#filled, (this.#filled += gap));
      copyBytes(this.#buffer, bytes, this.#filled);
      this.#filled += bytes.length;
      return;
    }
    this.#startOver(bytes, position);
  }

  /** Hands everything over to the file. */
  flush(): void {
    const filled = this.#filled;
    this.#filled = 0;
    if (filled > 0) writeFullySync(this.#handle.fd, this.#buffer.subarray(0, filled), this.#start, this.#name);
  }

  #startOver(bytes: Uint8Array, position: number): void {
    this.flush();
    this.#start = position;
    if (bytes.length >= BUFFER / 2) {
      writeFullySync(this.#handle.fd, bytes, position, this.#name);
      this.#start = position + bytes.length;
      return;
    }
    copyBytes(this.#buffer, bytes, 0);
    this.#filled = bytes.length;
  }
}
