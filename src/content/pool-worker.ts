import { Worker } from 'node:worker_threads';
import { ImgkitError } from '../errors.js';
import { createWorkerMemory, READY, unpackError, viewWorkerMemory, type PassReply, type PassRequest } from './blob-pass-message.js';
import { pollProgress } from './poll-progress.js';

/** One worker thread of a pool. Runs one pass at a time and keeps the process alive only meanwhile. */
export class PoolWorker {
  readonly #worker: Worker;
  readonly #memory;
  #settle: ((reply: PassReply | { readonly failure: unknown }) => void) | undefined;
  #dead = false;
  /** It has read its script, or has ended. */
  readonly #begun: Promise<void>;

  constructor(script: URL) {
    const buffer = createWorkerMemory();
    this.#memory = viewWorkerMemory(buffer);
    // The process's own flags are not the worker's: `node -e` with `--input-type` would stop it from loading.
    this.#worker = new Worker(script, { workerData: buffer, execArgv: [] });
    this.#worker.on('message', (reply: PassReply | typeof READY) => { if (reply !== READY) this.#settle?.(reply); });
    this.#begun = new Promise((resolve) => {
      for (const event of ['message', 'exit']) this.#worker.once(event, () => resolve());
    });
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', (code) => this.#died(`it ended with code ${code}`));
    // Last: to listen keeps the process alive.
    this.#worker.unref();
  }

  /** True once the thread has ended: it can run nothing any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Runs `pass`, which comes to a `T`. After an abort it rejects only when the thread has let go of the files. */
  async run<T>(pass: PassRequest, signal: AbortSignal | undefined, onBytes: ((done: number) => void) | undefined): Promise<T> {
    const { cancelled, done } = this.#memory;
    Atomics.store(cancelled, 0, 0);
    Atomics.store(done, 0, 0n);
    const cancel = (): void => void Atomics.store(cancelled, 0, 1);
    signal?.addEventListener('abort', cancel, { once: true });
    const poll = pollProgress(done, onBytes, cancel);
    this.#worker.ref();
    try {
      const reply = await new Promise<PassReply | { readonly failure: unknown }>((settle) => {
        this.#settle = settle;
        this.#worker.postMessage(pass);
      });
      poll.check();
      if ('result' in reply) return reply.result as T;
      if ('error' in reply) throw unpackError(reply.error);
      const name = pass.name ?? 'blob';
      throw new ImgkitError('io-failed', `${name}: the worker thread that read it stopped (${String(reply.failure)}); run it again.`, { entry: name }, { cause: reply.failure });
    } finally {
      this.#settle = undefined;
      this.#worker.unref();
      poll.end();
      signal?.removeEventListener('abort', cancel);
    }
  }

  async terminate(): Promise<void> {
    // Node 20 leaves the script open when a thread ends while it opens that.
    this.#worker.ref();
    await this.#begun;
    await this.#worker.terminate();
  }

  #died(failure: unknown): void {
    this.#dead = true;
    this.#settle?.({ failure });
  }
}
