import { Gunzip, type ZlibOptions } from 'minizlib';
import type { Decoder, DecoderOptions, Emit } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { malformedCompression } from './malformed-compression.js';
import { ZeroPadding } from './zero-padding.js';

/** Deflate expands at most 1032 times, so one slice yields at most 66 MiB before the guard looks at it. */
const SLICE = 64 * 1024;
/** The default chunk of 16 KiB makes zlib three times slower. The package's types forget that it hands this on. */
const OPTIONS: ZlibOptions & { readonly chunkSize: number } = { chunkSize: 1024 * 1024 };

/** gzip of any number of members, synchronously. See `createDecoder`. */
export class GunzipDecoder implements Decoder {
  readonly #name: string;
  readonly #guard: ExpansionGuard;
  readonly #padding: ZeroPadding;
  readonly #gunzip = new Gunzip(OPTIONS);
  #emit: Emit = () => undefined;
  #failure: Error | undefined;
  #offset = 0;

  constructor({ name, limits }: DecoderOptions) {
    this.#name = name;
    this.#guard = new ExpansionGuard(name, limits);
    this.#padding = new ZeroPadding(name);
    this.#gunzip.on('error', (error) => {
      this.#failure ??= error as Error;
    });
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#guard.produced(chunk.length);
      this.#emit(chunk);
    });
  }

  push(chunk: Uint8Array, emit: Emit): void {
    this.#emit = emit;
    for (let at = 0; at < chunk.length; at += SLICE) this.#pushSlice(chunk.subarray(at, at + SLICE));
  }

  end(emit: Emit): void {
    this.#emit = emit;
    // Inside the padding all members are known to be complete.
    if (!this.#padding.begun) this.#gunzip.end();
    this.#check();
  }

  close(): void {
    this.#gunzip.close();
  }

  #pushSlice(slice: Uint8Array): void {
    if (!this.#padding.begun) {
      this.#guard.consumed(slice.length);
      this.#gunzip.write(Buffer.from(slice.buffer, slice.byteOffset, slice.length));
      this.#check();
      // zlib leaves bytes alone only where a zero follows a member; anything after that would go unseen.
      const used = this.#gunzip.handle?.bytesWritten ?? slice.length;
      if (used < slice.length) this.#padding.take(slice.subarray(used), this.#offset + used);
    } else {
      this.#padding.take(slice, this.#offset);
    }
    this.#offset += slice.length;
  }

  #check(): void {
    if (this.#failure !== undefined) throw malformedCompression(this.#name, `not valid gzip (${this.#failure.message.replace(/^zlib: /, '')})`, this.#offset, this.#failure);
  }
}
