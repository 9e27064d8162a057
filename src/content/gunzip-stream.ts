import { createGunzip, type Gunzip } from 'node:zlib';
import type { DecoderOptions } from './decoder.js';
import { ExpansionGuard } from './expansion-guard.js';
import { malformedCompression } from './malformed-compression.js';
import { ZeroPadding } from './zero-padding.js';

/** Deflate expands at most 1032 times, so one slice yields at most 132 MiB. */
const SLICE = 128 * 1024;
const OUTPUT_CHUNK = 1024 * 1024;

export interface GunzipStreamOptions extends DecoderOptions {
  /** Called with each slice of `chunks` in order, while another thread decodes it. What it throws ends the stream. */
  readonly meanwhile?: ((slice: Uint8Array) => void) | undefined;
  /** Who owns what is yielded: the receiver (default), or only until it asks for the next piece: memory is then used again, not left to the collector. */
  readonly pieces?: 'owned' | 'borrowed' | undefined;
}

/**
 * gzip of any number of members, decoded in zlib's own thread: the next slice is decoded while the receiver works on
 * the last. Same checks as `createDecoder('gzip')`.
 */
export async function* gunzipStream(chunks: AsyncIterable<Uint8Array>, { name, limits, meanwhile, pieces = 'owned' }: GunzipStreamOptions): AsyncGenerator<Uint8Array> {
  const guard = new ExpansionGuard(name, limits);
  const padding = new ZeroPadding(name);
  const gunzip = new SlicedGunzip(pieces);
  let offset = 0;
  /** Decoded by the step before; yielded while the present step runs. */
  let ready: readonly Buffer[] = [];
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += SLICE) {
        const slice = chunk.subarray(at, at + SLICE);
        if (!padding.begun) {
          guard.consumed(slice.length);
          const step = gunzip.write(slice);
          // Should what follows throw, nobody asks any more.
          step.catch(() => undefined);
          meanwhile?.(slice);
          for (const bytes of ready) yield bytes;
          ready = await step.catch(fail);
          for (const { length } of ready) guard.produced(length);
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

  constructor(pieces: 'owned' | 'borrowed') {
    this.#buffers = pieces === 'owned' ? [] : [Buffer.allocUnsafeSlow(OUTPUT_CHUNK), Buffer.allocUnsafeSlow(OUTPUT_CHUNK)];
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

  /** Where they are borrowed, the buffers that the step before the last resolved with are written over. */
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
