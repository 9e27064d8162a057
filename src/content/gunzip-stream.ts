import { createGunzip, type Gunzip } from 'node:zlib';
import type { DecoderOptions } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { lentBytes, type Given, type LentChunk, type MayLend } from './lent-chunk.js';
import { malformedCompression } from './malformed-compression.js';
import { ZeroPadding } from './zero-padding.js';

/** What zlib is given at once; less while that yields more than one output. Deflate expands at most 1032 times, so one slice yields at most 132 MiB, and the next half of it. */
const SLICE = 128 * 1024;
const SMALLEST_SLICE = 2 * 1024;
const OUTPUT_CHUNK = 1024 * 1024;

export interface GunzipStreamOptions extends DecoderOptions {
  /** Called with each slice of `chunks` in order, while another thread decodes it. What it throws ends the stream. */
  readonly meanwhile?: ((slice: Uint8Array) => void) | undefined;
}

/**
 * gzip of any number of members, decoded in zlib's own thread: the next slice is decoded while the receiver works on
 * the last; lent, that has two buffers in turn. `chunks` may be lent too. Same checks as `createDecoder('gzip')`.
 */
export function gunzipStream(chunks: AsyncIterable<LentChunk>, options: GunzipStreamOptions & Given): AsyncGenerator<Uint8Array, void, undefined>;
export function gunzipStream(chunks: AsyncIterable<LentChunk>, options: GunzipStreamOptions & MayLend): AsyncGenerator<LentChunk, void, undefined>;
export async function* gunzipStream(chunks: AsyncIterable<LentChunk>, { name, limits, meanwhile, lent = false }: GunzipStreamOptions & MayLend): AsyncGenerator<Uint8Array, void, undefined> {
  const guard = new ExpansionGuard(name, limits);
  const padding = new ZeroPadding(name);
  const gunzip = new SlicedGunzip(lent);
  let offset = 0;
  /** Decoded by the step before; yielded while the present step runs. */
  let ready: readonly Buffer[] = [];
  let span = SLICE;
  try {
    for await (const compressed of chunks) {
      const chunk = lentBytes(compressed);
      for (let at = 0, end = 0; at < chunk.length; at = end) {
        const slice = chunk.subarray(at, at + span);
        end = at + slice.length;
        if (!padding.begun) {
          guard.consumed(slice.length);
          const step = gunzip.write(slice);
          try {
            meanwhile?.(slice);
            for (const bytes of ready) yield bytes;
          } finally {
            // Should that end it: the slice may be lent, and is not given back while zlib reads it.
            await step.catch(() => undefined);
          }
          ready = await step.catch(fail);
          let decoded = 0;
          for (const { length } of ready) {
            guard.produced(length);
            decoded += length;
          }
          if (decoded > OUTPUT_CHUNK) span = Math.max(SMALLEST_SLICE, span / 2);
          else if (decoded < OUTPUT_CHUNK / 2) span = Math.min(SLICE, span * 2);
        } else meanwhile?.(slice);
        offset += slice.length;
        // zlib leaves bytes alone only where a zero follows a member; anything after that would go unseen.
        const unused = padding.begun ? slice.length : offset - gunzip.used;
        if (unused > 0) padding.take(slice.subarray(slice.length - unused), offset - unused);
      }
    }
    for (const bytes of ready) yield bytes;
    if (padding.begun) return;
    const last = await gunzip.end().catch(fail);
    for (const bytes of last) {
      guard.produced(bytes.length);
      yield bytes;
    }
  } finally {
    gunzip.close();
  }

  function fail(error: unknown): never {
    throw malformedCompression(name, `not valid gzip (${error instanceof Error ? error.message : String(error)})`, offset, error);
  }
}

/**
 * Where Node's zlib stream puts the next output. Not documented: where a version does not have these fields, it makes a buffer of its own
 * each time, and what they are set to changes nothing.
 */
interface Output {
  _outBuffer: Buffer;
  _outOffset: number;
}

/** zlib's stream as steps: each write resolves with what it decoded, once zlib is done with it. */
class SlicedGunzip {
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_CHUNK });
  #decoded: Buffer[] = [];
  #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;
  /** For outputs in turn: one is read while the next is written. Empty where the receiver keeps them. */
  readonly #buffers: readonly Buffer[];
  #steps = 0;

  constructor(lent: boolean) {
    this.#buffers = lent ? [Buffer.allocUnsafeSlow(OUTPUT_CHUNK), Buffer.allocUnsafeSlow(OUTPUT_CHUNK)] : [];
    this.#gunzip.on('data', (chunk: Buffer) => this.#decoded.push(chunk));
    // Where zlib stops before the end of its input, some versions end the stream instead of acknowledging the write.
    this.#gunzip.on('end', () => this.#settle?.resolve());
    this.#gunzip.on('error', (error) => {
      this.#failure ??= error;
      this.#settle?.reject(error);
    });
  }

  /** Compressed bytes that zlib took so far. */
  get used(): number {
    return this.#gunzip.bytesWritten;
  }

  /** Where they are lent, the buffers that the step before the last resolved with are written over. */
  write(slice: Uint8Array): Promise<readonly Buffer[]> {
    const buffer = this.#buffers[this.#steps++ % 2];
    if (buffer !== undefined) Object.assign(this.#gunzip as unknown as Output, { _outBuffer: buffer, _outOffset: 0 });
    return this.#step((done) => this.#gunzip.write(slice, done));
  }

  end(): Promise<readonly Buffer[]> {
    return this.#step(() => this.#gunzip.end());
  }

  close(): void {
    this.#gunzip.destroy();
  }

  async #step(start: (done: (error?: Error | null) => void) => void): Promise<readonly Buffer[]> {
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      start((error) => (error == null ? resolve() : reject(error)));
    });
    if (this.#failure !== undefined) throw this.#failure;
    const decoded = this.#decoded;
    this.#decoded = [];
    return decoded;
  }
}
