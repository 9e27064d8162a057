import { availableParallelism } from 'node:os';
import type { BlobPass, BlobPassResult } from './blob-pass.js';
import { prepareBlobPass, runBlobPass, type BlobPassTools } from './blob-pass-run.js';
import type { SealPass, SealPassResult } from './seal-pass.js';
import { interrupted, throwIfInterrupted } from './interrupted.js';
import { PoolWorker } from './pool-worker.js';

const MOST_WORKERS = 4;
/** Stored bytes that a pool reads in the calling thread before the first worker (30 ms to start) pays. */
const INLINE_BYTES = 4 * 1024 * 1024;
/** A compressed blob may expand a thousand times and would hold up the calling thread: smaller ones only. */
const INLINE_COMPRESSED_BYTES = 1024 * 1024;

export interface BlobPoolOptions {
  /** Most worker threads. Default: the processors, at most 4. */
  readonly workers?: number | undefined;
  /** The worker's entry script; it calls `serveBlobPasses`. */
  readonly script: URL;
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
  readonly #options: BlobPoolOptions;
  readonly #most: number;
  readonly #idle: PoolWorker[] = [];
  readonly #workers = new Set<PoolWorker>();
  /** Passes that wait for a worker, first come first served. */
  readonly #waiting = new Set<(worker: PoolWorker | undefined) => void>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #inlineBytes = INLINE_BYTES;

  constructor(options: BlobPoolOptions) {
    this.#options = options;
    this.#most = Math.max(1, options.workers ?? Math.min(availableParallelism(), MOST_WORKERS));
  }

  run(pass: BlobPass, options: BlobPassOptions = {}): Promise<BlobPassResult> {
    return this.#perform(pass, options, async (stop) => {
      await prepareBlobPass(pass);
      throwIfInterrupted(stop, `reading ${pass.name ?? 'a blob'}`);
      return runBlobPass(pass, this.#options.tools);
    });
  }

  seal(pass: SealPass, options: BlobPassOptions = {}): Promise<SealPassResult> {
    return this.#perform(pass, options, () => Promise.resolve((this.#options.tools as BlobPassTools).seal(pass)));
  }

  expect(sizes: readonly number[]): void {
    if (this.#closing.signal.aborted || sizes.reduce((sum, size) => sum + size, 0) <= this.#inlineBytes) return;
    try {
      for (let count = Math.min(this.#most, sizes.length); this.#workers.size < count;) this.#idle.push(this.#start());
    } catch {
      // This process may start no more threads. Who runs a pass is told, when those that it has do not suffice.
    }
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

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    this.#workers.clear();
  }

  /** Small passes, four megabytes in all, are not worth starting the first worker for. */
  #fitsInline(pass: BlobPass | SealPass): boolean {
    const { length } = pass.input;
    const needsTools = 'seal' in pass || pass.scanLayer;
    if (this.#workers.size > 0 || (needsTools && this.#options.tools === undefined)) return false;
    if (!('seal' in pass) && pass.compression !== 'none' && length > INLINE_COMPRESSED_BYTES) return false;
    if (length > this.#inlineBytes) return false;
    this.#inlineBytes -= length;
    return true;
  }

  async #runInWorker<T>(pass: BlobPass | SealPass, stop: AbortSignal, onBytes: BlobPassOptions['onBytes']): Promise<T> {
    const worker = await this.#acquire(pass, stop);
    try {
      // An abort in between would go unheard.
      throwIfInterrupted(stop, `reading ${pass.name ?? 'a blob'}`);
      return await worker.run<T>(pass, stop, onBytes);
    } finally {
      this.#release(worker);
    }
  }

  async #acquire(pass: BlobPass | SealPass, stop: AbortSignal): Promise<PoolWorker> {
    const idle = this.#idle.pop();
    if (idle !== undefined && !idle.dead) return idle;
    if (idle !== undefined) this.#workers.delete(idle);
    if (this.#workers.size < this.#most) {
      try {
        return this.#start();
      } catch (error) {
        if (this.#workers.size === 0) throw error;
      }
    }
    const worker = await new Promise<PoolWorker | undefined>((resolve) => {
      const give = (given: PoolWorker | undefined): void => {
        this.#waiting.delete(give);
        stop.removeEventListener('abort', stopped);
        resolve(given);
      };
      const stopped = (): void => give(undefined);
      this.#waiting.add(give);
      stop.addEventListener('abort', stopped, { once: true });
    });
    if (worker === undefined) throw interrupted(`waiting to read ${pass.name ?? 'a blob'}`, stop.reason);
    return worker;
  }

  #release(worker: PoolWorker): void {
    if (worker.dead) this.#workers.delete(worker);
    const [next] = this.#waiting;
    if (next !== undefined) next(worker.dead ? this.#start() : worker);
    else if (!worker.dead) this.#idle.push(worker);
  }

  #start(): PoolWorker {
    const worker = new PoolWorker(this.#options.script);
    this.#workers.add(worker);
    return worker;
  }
}

function noop(): void {}
