import { ImgkitError } from '../errors.js';
import type { DecoderOptions } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { malformedCompression } from './malformed-compression.js';
import { loadXzWasm, type XzWasm } from './xz-wasm.js';

/** `xz_ret` of xz-embedded. */
const [OK, STREAM_END] = [0, 1];
/** A check that cannot be made, and filters or checks that are not there. */
const UNSUPPORTED: readonly number[] = [2, 6];
const REASONS: ReadonlyMap<number, string> = new Map([
  [3, 'not enough memory'], [4, 'not enough memory'], [5, 'no stream begins here'], [7, 'corrupted data'], [8, 'corrupted data'],
]);
/** xz -9 needs 64 MiB; a stream may ask for 4 GiB. */
const MOST_MEMORY = 192 * 1024 * 1024;

/**
 * xz of any number of streams, padded or not, in WebAssembly. Throws `compression-malformed` on damage, truncation and whatever follows
 * the last stream, `compression-unsupported` for filters and integrity checks that are not read, `limit-exceeded` on bombs and dictionaries beyond that of `xz -9`.
 */
export async function* unxzStream(chunks: AsyncIterable<Uint8Array>, { name, limits }: DecoderOptions): AsyncGenerator<Uint8Array> {
  const guard = new ExpansionGuard(name, limits);
  const xz = new XzDecoder(await loadXzWasm(), name);
  let offset = 0;
  try {
    for await (const chunk of chunks) {
      guard.consumed(chunk.length);
      for (let at = 0; at < chunk.length;) {
        const supplied = xz.push(chunk.subarray(at));
        at += supplied;
        offset += supplied;
        for (const bytes of xz.pull(offset)) {
          guard.produced(bytes.length);
          yield bytes;
        }
      }
    }
    // An empty push says that this was all.
    if (offset > 0) {
      xz.push(new Uint8Array(0));
      for (const bytes of xz.pull(offset)) {
        guard.produced(bytes.length);
        yield bytes;
      }
    }
    if (!xz.ended) throw malformedCompression(name, 'the xz stream ends too early', offset);
  } finally {
    xz.close();
  }
}

/** Streams one after the other; their buffers lie in the module's memory. */
class XzDecoder {
  readonly #xz: XzWasm;
  readonly #name: string;
  readonly #context: number;
  /** Whether the last stream, its padding too, is complete. */
  ended = false;

  constructor(xz: XzWasm, name: string) {
    this.#xz = xz;
    this.#name = name;
    this.#context = xz.create_context();
  }

  /** Supplies as many bytes of `chunk` as there is room for; says how many. Everything before must have been pulled. */
  push(chunk: Uint8Array): number {
    const [size = 0, input = 0] = this.#fields();
    const slice = chunk.subarray(0, size);
    new Uint8Array(this.#xz.memory.buffer).set(slice, input);
    this.#xz.supply_input(this.#context, slice.length);
    return slice.length;
  }

  /** What the supplied bytes decode to, copied. */
  *pull(offset: number): Generator<Uint8Array> {
    for (;;) {
      const result = this.#xz.get_next_output(this.#context);
      if (this.#xz.memory.buffer.byteLength > MOST_MEMORY) throw new ImgkitError('limit-exceeded', `${this.#name}: it needs more memory to unpack than what xz -9 makes; compress it again with less.`, { file: this.#name, offset });
      if (UNSUPPORTED.includes(result)) throw new ImgkitError('compression-unsupported', `${this.#name}: it uses a filter or an integrity check of xz that is not read here (crc32 and crc64 are); unpack it with \`xz -dc\`.`, { file: this.#name, offset });
      if (result !== OK && result !== STREAM_END) throw malformedCompression(this.#name, `not valid xz (${REASONS.get(result) ?? `error ${result}`})`, offset);
      this.ended = result === STREAM_END;
      const fields = this.#fields();
      const [size = 0, , position = 0, supplied = 0, output = 0, filled = 0] = fields;
      fields[5] = 0;
      if (filled > 0) yield new Uint8Array(this.#xz.memory.buffer).slice(output, output + filled);
      // A full buffer may hide more.
      if (this.ended || (position === supplied && filled < size)) return;
    }
  }

  close(): void {
    this.#xz.destroy_context(this.#context);
  }

  /** A view of the context; memory moves when it grows. */
  #fields(): Uint32Array {
    return new Uint32Array(this.#xz.memory.buffer, this.#context, 6);
  }
}
