import { ImgkitError } from '../errors.js';
import type { Decoder, DecoderOptions, Emit } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { malformedCompression } from './malformed-compression.js';
import { loadZstdWasm, zstdWasm } from './zstd-wasm.js';

const INPUT = 128 * 1024;
const OUTPUT = 512 * 1024;
/** zstd returns errors as `(size_t)-code`. */
const ERROR_FLOOR = 2 ** 32 - 120;
const WINDOW_TOO_LARGE = 16;
const REASONS: ReadonlyMap<number, string> = new Map([
  [10, 'no frame begins here'],
  [20, 'corrupted data'],
  [22, 'the frame checksum does not match'],
  [32, 'it needs a dictionary'],
  [64, 'not enough memory'],
]);

/** Must resolve before a {@link ZstdDecoder} is made. */
export const prepareZstd = loadZstdWasm;

/**
 * zstd of any number of frames, synchronously, in WebAssembly on every Node: the built-in decoder is absent before 22.15,
 * accepts truncated input in some versions, and is only a sixth faster. Windows up to 128 MiB (log 27), zstd's default.
 */
export class ZstdDecoder implements Decoder {
  readonly #name: string;
  readonly #guard: ExpansionGuard;
  readonly #zstd = zstdWasm();
  readonly #context = this.#zstd.ZSTD_createDCtx();
  /** One allocation: two C buffer structs, the input, the output. */
  readonly #memory = this.#zstd.malloc(32 + INPUT + OUTPUT);
  #offset = 0;
  /** What zstd last returned: 0 at the end of a frame. Nothing at all is not a stream. */
  #state = 1;
  #open = true;

  constructor({ name, limits }: DecoderOptions) {
    this.#name = name;
    this.#guard = new ExpansionGuard(name, limits);
  }

  push(chunk: Uint8Array, emit: Emit): void {
    for (let at = 0; at < chunk.length; at += INPUT) this.#pushSlice(chunk.subarray(at, at + INPUT), emit);
  }

  end(): void {
    if (this.#state !== 0) throw malformedCompression(this.#name, 'the zstd stream ends inside a frame', this.#offset);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#zstd.free(this.#memory);
    this.#zstd.ZSTD_freeDCtx(this.#context);
  }

  #pushSlice(slice: Uint8Array, emit: Emit): void {
    this.#guard.consumed(slice.length);
    const inputAt = this.#memory + 32;
    const outputAt = inputAt + INPUT;
    new Uint8Array(this.#zstd.memory.buffer).set(slice, inputAt);
    let used = 0;
    let produced: number;
    do {
      // The view is made anew each time: memory moves when it grows.
      let structs = new Uint32Array(this.#zstd.memory.buffer, this.#memory, 6);
      structs.set([outputAt, OUTPUT, 0, inputAt, slice.length, used]);
      const state = this.#zstd.ZSTD_decompressStream(this.#context, this.#memory, this.#memory + 12) >>> 0;
      if (state >= ERROR_FLOOR) throw this.#failed(2 ** 32 - state, this.#offset + used);
      structs = new Uint32Array(this.#zstd.memory.buffer, this.#memory, 6);
      produced = structs[2] ?? 0;
      const before = used;
      used = structs[5] ?? 0;
      // zstd leaves the state of a finished frame alone when asked again with nothing to do.
      if (used > before || produced > 0) this.#state = state;
      if (produced > 0) {
        this.#guard.produced(produced);
        emit(new Uint8Array(this.#zstd.memory.buffer, outputAt, produced));
      }
    } while (used < slice.length || (produced === OUTPUT && this.#state !== 0));
    this.#offset += slice.length;
  }

  #failed(code: number, offset: number): ImgkitError {
    if (code === WINDOW_TOO_LARGE) {
      return new ImgkitError('limit-exceeded', `${this.#name}: its zstd frame near compressed byte ${offset} needs a window above 128 MiB; compress it without --ultra --long=28 or more.`, {
        file: this.#name,
        offset,
      });
    }
    return malformedCompression(this.#name, `not valid zstd (${REASONS.get(code) ?? `error ${code}`})`, offset);
  }
}
