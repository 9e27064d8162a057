import type { Decoder, DecoderOptions, Emit } from './decoder.js';
import { createGunzipEngine, type GunzipEngine } from './gunzip-engine.js';
import { ExpansionGuard } from './expansion-guard.js';
import { ImgkitError } from '../errors.js';
import { malformedCompression } from './malformed-compression.js';
import { ZeroPadding } from './zero-padding.js';

/** Deflate expands at most 1032 times, so one slice yields at most 66 MiB before the guard looks at it. */
const SLICE = 64 * 1024;
/** gzip of any number of members, synchronously. See `createDecoder`. */
export class GunzipDecoder implements Decoder {
  readonly #name: string;
  readonly #guard: ExpansionGuard;
  readonly #padding: ZeroPadding;
  readonly #engine: GunzipEngine;
  #offset = 0;

  constructor({ name, limits, space }: DecoderOptions) {
    this.#engine = createGunzipEngine(space);
    this.#name = name;
    this.#guard = new ExpansionGuard(name, limits);
    this.#padding = new ZeroPadding(name);
  }

  push(chunk: Uint8Array, emit: Emit): void {
    const guarded: Emit = (piece) => {
      this.#guard.produced(piece.length);
      emit(piece);
    };
    for (let at = 0; at < chunk.length; at += SLICE) this.#pushSlice(chunk.subarray(at, at + SLICE), guarded);
  }

  end(emit: Emit): void {
    // Inside the padding all members are known to be complete.
    if (!this.#padding.begun) this.#zlib(() => this.#engine.end(emit));
  }

  close(): void {
    this.#engine.close();
  }

  #pushSlice(slice: Uint8Array, emit: Emit): void {
    if (!this.#padding.begun) {
      this.#guard.consumed(slice.length);
      const used = this.#zlib(() => this.#engine.write(slice, emit));
      // zlib leaves bytes alone only where a zero follows a member; anything after that would go unseen.
      if (used < slice.length) this.#padding.take(slice.subarray(used), this.#offset + used);
    } else {
      this.#padding.take(slice, this.#offset);
    }
    this.#offset += slice.length;
  }

  #zlib<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      // What the receiver of the bytes throws is not zlib's.
      if (error instanceof ImgkitError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      throw malformedCompression(this.#name, `not valid gzip (${(error as Error).message.replace(/^zlib: /, '')})`, this.#offset, error);
    }
  }
}
