import { Worker } from 'node:worker_threads';
import { ImgkitError } from '../errors.js';
import { unpackError } from './blob-pass-message.js';
import type { Digest } from './digest.js';
import { interrupted } from './interrupted.js';
import { createRingMemory, SLOT, SLOTS, STORED_SLOT, STORED_SLOTS, viewRing, type ThreadRead, type ThreadReply } from './thread-ring.js';

/** What was read: the digests that were asked for, of the stored bytes and of the decompressed ones. */
export interface ThreadReadResult {
  readonly digest: Digest | undefined;
  readonly plainDigest: Digest | undefined;
}

/** Who takes the bytes of one blob. */
export interface ThreadReceiver {
  /** The decompressed bytes, in order: a view that is valid only during the call. What it throws ends the reading. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** The stored bytes of a compressed blob, in order and in the same way: who waits for the others can hash these meanwhile. */
  readonly onStored?: ((chunk: Uint8Array) => void) | undefined;
  /** Stored bytes read so far. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

interface Job extends ThreadReceiver {
  readonly name: string;
  readonly resolve: (result: ThreadReadResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that reads one blob after the other, and keeps the process alive only meanwhile. */
export class ReadThread {
  readonly #memory = createRingMemory();
  readonly #ring = viewRing(this.#memory);
  readonly #worker: Worker;
  #job: Job | undefined;
  #dead = false;

  constructor() {
    this.#worker = new Worker(new URL('./read-worker.js', import.meta.url), { workerData: this.#memory, execArgv: [] });
    this.#worker.on('error', (error) => this.#died(error));
    this.#worker.on('exit', (code) => this.#died(`it ended with code ${code}`));
    this.#worker.on('message', (reply: ThreadReply) => this.#take(reply));
  }

  /** True once the thread has ended: it can read nothing any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Reads what `read` says. When this rejects, the thread may still be at it, and is good for nothing but {@link terminate}. Throws as `readInThread`. */
  async run(read: Omit<ThreadRead, 'lendStored'>, receiver: ThreadReceiver, signal: AbortSignal | undefined): Promise<ThreadReadResult> {
    const { name } = read;
    let stop: (() => void) | undefined;
    Atomics.store(this.#ring.free, SLOT, SLOTS);
    Atomics.store(this.#ring.free, STORED_SLOT, STORED_SLOTS);
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        stop = () => reject(interrupted(`reading ${name}`, signal?.reason));
        signal?.addEventListener('abort', stop, { once: true });
        this.#job = { ...receiver, name, resolve, reject };
        const request: ThreadRead = { ...read, lendStored: receiver.onStored !== undefined };
        this.#worker.postMessage(request);
      });
    } finally {
      if (stop !== undefined) signal?.removeEventListener('abort', stop);
      this.#job = undefined;
      this.#worker.unref();
    }
  }

  /** Ends the thread; afterwards it reads from no file. */
  async terminate(): Promise<void> {
    this.#worker.removeAllListeners();
    await this.#worker.terminate();
  }

  #take(reply: ThreadReply): void {
    const job = this.#job;
    if (job === undefined) return;
    if ('error' in reply) return job.reject(unpackError(reply.error));
    if ('digest' in reply) return job.resolve(reply);
    const stored = 'stored' in reply;
    const { buffer, byteOffset } = stored ? this.#ring.stored(reply.stored) : this.#ring.slot(reply.slot);
    const chunk = new Uint8Array(buffer, byteOffset, reply.length);
    try {
      if (stored) job.onStored?.(chunk);
      else {
        job.onChunk(chunk);
        job.onBytes?.(reply.done);
      }
    } catch (error) {
      this.#job = undefined;
      return job.reject(error);
    }
    const kind = stored ? STORED_SLOT : SLOT;
    Atomics.add(this.#ring.free, kind, 1);
    Atomics.notify(this.#ring.free, kind);
  }

  #died(why: unknown): void {
    this.#dead = true;
    if (this.#job === undefined) return;
    const { name, reject } = this.#job;
    reject(new ImgkitError('io-failed', `${name}: the thread that read it stopped (${String(why)}); run it again.`, { entry: name }, { cause: why }));
  }
}
