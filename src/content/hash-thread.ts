import { Worker } from 'node:worker_threads';
import { ImgkitError } from '../errors.js';
import type { Digest } from './digest.js';
import { createRingMemory, SLOT_BYTES, SLOTS, viewRing, type ThreadHashReply } from './thread-ring.js';

/** A SHA-256 computed in a thread of its own. Always `close` it. */
export class HashThread {
  readonly #worker: Worker;
  readonly #ring;
  #free = SLOTS;
  #number = 0;
  #digest: Digest | undefined;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  /** `name` is for errors. */
  constructor(name: string) {
    const memory = createRingMemory();
    this.#ring = viewRing(memory);
    this.#worker = new Worker(new URL('./hash-worker.js', import.meta.url), { workerData: memory, execArgv: [] });
    const died = (why: unknown): void => {
      this.#failure ??= new ImgkitError('io-failed', `${name}: the thread that hashed it stopped (${String(why)}); run it again.`, { file: name }, { cause: why });
      this.#wake();
    };
    this.#worker.on('error', died);
    this.#worker.on('exit', (code) => died(`it ended with code ${code}`));
    this.#worker.on('message', (reply: ThreadHashReply) => {
      if ('digest' in reply) this.#digest = reply.digest;
      else this.#free += 1;
      this.#wake();
    });
  }

  /** Takes `chunk`, which is the caller's again when this resolves. */
  async update(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      await this.#until(() => this.#free > 0);
      const part = chunk.subarray(at, at + SLOT_BYTES);
      this.#ring.slot(this.#number).set(part);
      this.#worker.postMessage({ slot: this.#number, length: part.length });
      this.#number = (this.#number + 1) % SLOTS;
      this.#free -= 1;
      at += part.length;
    }
  }

  async digest(): Promise<Digest> {
    this.#worker.postMessage('end');
    await this.#until(() => this.#digest !== undefined);
    return this.#digest as Digest;
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners();
    await this.#worker.terminate();
  }

  async #until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (holds()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
