import { availableParallelism } from 'node:os';
import type { BlobPass, BlobPassResult } from './blob-pass.js';
import { prepareBlobPass, runBlobPass, type BlobPassTools } from './blob-pass-run.js';
import { isImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import type { SealPass, SealPassResult } from './seal-pass.js';
import { interrupted, throwIfInterrupted } from './interrupted.js';
import { WaitingLine } from './waiting-line.js';
import { WorkerSupply } from './worker-supply.js';

/** Threads that one pool uses at once, if it is not told another number. */
export const MOST_WORKERS = Math.min(availableParallelism(), 4);
/** Stored bytes that a pool reads in the calling thread before the first worker (30 ms to start) pays. */
const INLINE_BYTES = 4 * 1024 * 1024;
/** A compressed blob may expand a thousand times and would hold up the calling thread: smaller ones only. */
const INLINE_COMPRESSED_BYTES = 1024 * 1024;
/** What a blob may come to in the calling thread: ten times its size is common, and what is a second's work goes to a worker when it shows. */
const INLINE_RATIO = 64;
const INLINE_RATIO_FLOOR = 8 * 1024 * 1024;

export interface BlobPoolOptions {
  /** Most worker threads at once. Default: the processors, at most 4. */
  readonly workers?: number | undefined;
  /** The worker's entry script, which calls `serveBlobPasses`; or threads of it, shared with other pools. */
  readonly script: URL | WorkerSupply;
  /** Lets small passes with `scanLayer`, and those that seal, run without a worker; without it they go to one. */
  readonly tools?: BlobPassTools | undefined;
}

export interface BlobPassOptions {
  readonly signal?: AbortSignal | undefined;
  /** Stored bytes done so far; called now and then, and with the size at the end. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/** Runs blob passes on worker threads. */
export interface BlobPool {
  /**
   * Runs `pass` as soon as a worker is free; its files must stay open until this settles. Rejects as `runBlobPass`
   * throws, with code and details intact; with `interrupted` once an abort has taken effect; with `io-failed` when the
   * worker dies.
   */
  run(pass: BlobPass, options?: BlobPassOptions): Promise<BlobPassResult>;
  /** Passes over so many stored bytes each are about to be asked for: what workers they need start now, and need not be waited for then. */
  expect(sizes: readonly number[]): void;
  /** Encrypts or decrypts a layer, likewise. Rejects as the tool `seal` throws. */
  seal(pass: SealPass, options?: BlobPassOptions): Promise<SealPassResult>;
  /** Interrupts what still runs or waits, waits for it, and ends the workers. Safe to call twice. */
  close(): Promise<void>;
}

/** A pool that starts its workers when they are needed; idle ones do not keep the process alive. The caller closes it. */
export function createBlobPool(options: BlobPoolOptions): BlobPool {
  return new Pool(options);
}

class Pool implements BlobPool {
  readonly #tools: BlobPassTools | undefined;
  readonly #most: number;
  readonly #supply: WorkerSupply;
  /** Passes that wait until this pool may use one more worker. */
  readonly #line = new WaitingLine();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #taken = 0;
  #inlineBytes = INLINE_BYTES;

  constructor({ script, tools, workers = MOST_WORKERS }: BlobPoolOptions) {
    this.#tools = tools;
    this.#most = Math.max(1, workers);
    this.#supply = script instanceof WorkerSupply ? script : new WorkerSupply(script, this.#most);
    this.#supply.join();
  }

  run(pass: BlobPass, options: BlobPassOptions = {}): Promise<BlobPassResult> {
    return this.#perform(pass, options, async (stop) => {
      await prepareBlobPass(pass);
      throwIfInterrupted(stop, `reading ${pass.name ?? 'a blob'}`);
      try {
        return runBlobPass({ ...pass, limits: inlineLimits(pass.limits) }, this.#tools);
      } catch (error) {
        // Which of the limits it was shows there.
        if (!isImgkitError(error, 'limit-exceeded')) throw error;
        return this.#runInWorker<BlobPassResult>(pass, stop, options.onBytes);
      }
    });
  }

  seal(pass: SealPass, options: BlobPassOptions = {}): Promise<SealPassResult> {
    return this.#perform(pass, options, () => Promise.resolve((this.#tools as BlobPassTools).seal(pass)));
  }

  expect(sizes: readonly number[]): void {
    if (this.#closing.signal.aborted || sizes.reduce((sum, size) => sum + size, 0) <= this.#inlineBytes) return;
    this.#supply.expect(Math.min(this.#most - this.#taken, sizes.length));
  }

  async #perform<T extends { readonly size: number }>(pass: BlobPass | SealPass, { signal, onBytes }: BlobPassOptions, inline: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    throwIfInterrupted(stop, `reading ${pass.name ?? 'a blob'}`);
    const running = this.#fitsInline(pass) ? inline(stop) : this.#runInWorker<T>(pass, stop, onBytes);
    const settled = running.then(noop, noop);
    this.#running.add(settled);
    try {
      const result = await running;
      onBytes?.(result.size);
      return result;
    } finally {
      this.#running.delete(settled);
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
    await this.#supply.leave();
  }

  /** Small passes, four megabytes in all, are not worth starting a worker for, nor waiting for those of others. */
  #fitsInline(pass: BlobPass | SealPass): boolean {
    const { length } = pass.input;
    const needsTools = 'seal' in pass || pass.scanLayer;
    if (this.#taken > 0 || this.#supply.hasIdle || (needsTools && this.#tools === undefined)) return false;
    if (!('seal' in pass) && pass.compression !== 'none' && length > INLINE_COMPRESSED_BYTES) return false;
    if (length > this.#inlineBytes) return false;
    this.#inlineBytes -= length;
    return true;
  }

  async #runInWorker<T>(pass: BlobPass | SealPass, stop: AbortSignal, onBytes: BlobPassOptions['onBytes']): Promise<T> {
    while (this.#taken >= this.#most) if (!(await this.#line.wait(stop))) throw tooLate(pass, stop);
    this.#taken += 1;
    try {
      const worker = await this.#supply.take(stop);
      if (worker === undefined) throw tooLate(pass, stop);
      try {
        // An abort in between would go unheard.
        throwIfInterrupted(stop, `reading ${pass.name ?? 'a blob'}`);
        return await worker.run<T>(pass, stop, onBytes);
      } finally {
        this.#supply.give(worker);
      }
    } finally {
      this.#taken -= 1;
      this.#line.next();
    }
  }
}

function inlineLimits(limits: Limits): Limits {
  return { ...limits, compressionRatio: Math.min(limits.compressionRatio, INLINE_RATIO), ratioFloor: Math.min(limits.ratioFloor, INLINE_RATIO_FLOOR) };
}

function tooLate({ name }: BlobPass | SealPass, { reason }: AbortSignal): Error {
  return interrupted(`waiting to read ${name ?? 'a blob'}`, reason);
}

function noop(): void {}
