import { createHash, type Hash } from 'node:crypto';
import type { Limits } from '../limits.js';
import { onlyHashes, type BlobPass, type BlobPassResult, type ScannedLayer } from './blob-pass.js';
import { createDecoder, prepareDecoder, type Decoder } from './decoder.js';
import { finishDigest } from './digest.js';
import { endsEarly } from './handle-source.js';
import { interrupted } from './interrupted.js';
import { readAtSync } from './read-at-sync.js';
import type { SealPass, SealPassResult } from './seal-pass.js';
import { writeFullySync } from './write-fully.js';

/** 512 KiB to 4 MiB measured alike; this keeps progress and cancelling quick. */
const BLOCK = 512 * 1024;
/** Of a pass that only hashes: 64 to 128 KiB take 4 % less than smaller and larger ones, which leave the processor's cache. */
const BLOCK_TO_HASH = 128 * 1024;

/** Checks a layer tar while its bytes go by; made for each pass that asks for `scanLayer`. */
export interface LayerScanner {
  push(chunk: Uint8Array): void;
  /** Of a form that goes from thread to thread. */
  end(): ScannedLayer;
}

/** What a pass needs from rooms that `content` does not know. */
export interface BlobPassTools {
  readonly scanLayer: (name: string, limits: Limits, judge: boolean) => LayerScanner;
  /** Runs a pass that encrypts or decrypts, synchronously; closes nothing. */
  readonly seal: (pass: SealPass, watch?: BlobPassWatch) => SealPassResult;
}

/** How a running pass is watched and stopped; both are called once per block. */
export interface BlobPassWatch {
  /** Stored bytes done so far. */
  readonly onBytes?: ((done: number) => void) | undefined;
  readonly isCancelled?: (() => boolean) | undefined;
}

/** Loads what {@link runBlobPass} needs for `pass` (zstd). */
export async function prepareBlobPass(pass: BlobPass): Promise<void> {
  await prepareDecoder(pass.compression);
}

/**
 * Runs one pass over one blob, synchronously: meant for worker threads. {@link prepareBlobPass} must have resolved.
 * Hashes, decodes, scans and writes as `pass` says; the caller compares the digests. Nothing is closed. Throws
 * `tar-truncated` when the file ends early, `compression-malformed`, `limit-exceeded`, `tar-malformed`, `disk-full`,
 * `io-failed`, or `interrupted` when `isCancelled` says so.
 */
export function runBlobPass(pass: BlobPass, tools?: BlobPassTools, watch: BlobPassWatch = {}): BlobPassResult {
  return new Run(pass, tools, watch).run();
}

class Run {
  readonly #pass: BlobPass;
  readonly #watch: BlobPassWatch;
  readonly #name: string;
  readonly #stored: Hash;
  /** Of the decompressed bytes; undefined where the hash of the stored bytes serves. */
  readonly #plain: Hash | undefined;
  readonly #scanner: LayerScanner | undefined;
  #plainSize = 0;

  constructor(pass: BlobPass, tools: BlobPassTools | undefined, watch: BlobPassWatch) {
    this.#pass = pass;
    this.#watch = watch;
    this.#name = pass.name ?? 'blob';
    this.#stored = createHash(pass.algorithm);
    if (pass.compression !== 'none' || pass.algorithm !== 'sha256') this.#plain = createHash('sha256');
    if (!pass.scanLayer) return;
    if (tools === undefined) throw new Error('A pass with scanLayer needs a layer scanner.');
    this.#scanner = tools.scanLayer(this.#name, pass.limits, pass.judgeLayer === true);
  }

  run(): BlobPassResult {
    const { compression, algorithm, input, limits } = this.#pass;
    const decoder = compression === 'none' ? undefined : createDecoder(compression, { name: this.#name, limits });
    try {
      this.#readAll(decoder);
      decoder?.end((chunk) => this.#takePlain(chunk));
    } finally {
      decoder?.close();
    }
    const layer = this.#scanner?.end();
    const digest = finishDigest(this.#stored, algorithm);
    const diffId = this.#plain === undefined ? digest : finishDigest(this.#plain, 'sha256');
    const result = { digest, size: input.length, diffId, decompressedSize: this.#plainSize };
    return layer === undefined ? result : { ...result, layer };
  }

  #readAll(decoder: Decoder | undefined): void {
    const { fd, offset, length } = this.#pass.input;
    const size = onlyHashes(this.#pass) ? BLOCK_TO_HASH : BLOCK;
    const block = Buffer.allocUnsafeSlow(Math.min(size, Math.max(length, 1)));
    const takePlain = (chunk: Uint8Array): void => this.#takePlain(chunk);
    for (let done = 0; done < length;) {
      this.#stopIfCancelled();
      const read = readAtSync(fd, block, Math.min(block.length, length - done), offset + done, this.#name);
      if (read === 0) throw endsEarly(this.#name, done, length);
      const chunk = block.subarray(0, read);
      this.#takeStored(chunk, done);
      if (decoder === undefined) this.#takePlain(chunk);
      else decoder.push(chunk, takePlain);
      done += read;
      this.#watch.onBytes?.(done);
    }
  }

  #takeStored(chunk: Uint8Array, at: number): void {
    this.#stored.update(chunk);
    const { output } = this.#pass;
    if (output?.what === 'stored') writeFullySync(output.fd, chunk, output.offset + at, this.#name);
  }

  #takePlain(chunk: Uint8Array): void {
    // Asked here too: a small block can expand to gigabytes.
    this.#stopIfCancelled();
    this.#plain?.update(chunk);
    this.#scanner?.push(chunk);
    const { output } = this.#pass;
    if (output?.what === 'decompressed') writeFullySync(output.fd, chunk, output.offset + this.#plainSize, this.#name);
    this.#plainSize += chunk.length;
  }

  #stopIfCancelled(): void {
    if (this.#watch.isCancelled?.() === true) throw interrupted(`reading ${this.#name}`);
  }
}
