import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createJobMemory, type DeflateJob } from './deflate-job.js';
import { Deflater } from './deflater.js';

/** More than there are processors compress no faster; each takes some 8 MB. */
export const MOST_THREADS = Math.min(availableParallelism(), 8);
/** One that a thread is at, and one that it need not wait for. */
const MOST_JOBS = 2;
/** A thread takes 40 ms to start: one without a job waits this long for the next. */
const IDLE_MS = 500;

/** A job, and who waits for the bytes of its output. */
interface Pending {
  readonly job: DeflateJob;
  readonly resolve: (written: number) => void;
  readonly reject: (error: unknown) => void;
}

const threads = new Set<DeflateThread>();
const waiting: Pending[] = [];
/** Used again: they are large, and freed only as garbage. Gone with the last thread. */
const memories: SharedArrayBuffer[] = [];
let here: Deflater | undefined;

/** Memory for a job. Who is done with it gives it back. */
export function borrowMemory(): SharedArrayBuffer {
  return memories.pop() ?? createJobMemory();
}

/** Back for the next job: nobody may look at it any more. */
export function giveMemory(memory: SharedArrayBuffer): void {
  if (threads.size > 0) memories.push(memory);
}

/** Compresses a part in the calling thread; returns the bytes of output. */
export function deflateHere(job: DeflateJob): number {
  here ??= new Deflater();
  return here.run(job);
}

/**
 * Compresses a part in one of the threads that all streams of this process share, or, where none can be had, here; resolves with the bytes of
 * output. Keeps the process alive meanwhile. Rejects as {@link Deflater.run} throws.
 */
export function deflateInThread(job: DeflateJob): Promise<number> {
  return new Promise((resolve, reject) => {
    waiting.push({ job, resolve, reject });
    share();
  });
}

/** Hands out what waits. What dies or cannot be started is done without: the bytes are the same in the calling thread. */
function share(): void {
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    const thread = freeThread();
    if (thread === undefined && threads.size > 0) return;
    waiting.shift();
    if (thread === undefined) settle(next);
    else thread.add(next);
  }
}

/** The thread with the least to do; a new one while there may be more. */
function freeThread(): DeflateThread | undefined {
  const [least] = [...threads].toSorted((a, b) => a.jobs - b.jobs);
  if (least === undefined || (least.jobs > 0 && threads.size < MOST_THREADS)) {
    try {
      return new DeflateThread();
    } catch {
      // This process may start no more.
    }
  }
  return least !== undefined && least.jobs < MOST_JOBS ? least : undefined;
}

function settle({ job, resolve, reject }: Pending): void {
  try {
    resolve(deflateHere(job));
  } catch (error) {
    reject(error);
  }
}

class DeflateThread {
  readonly #worker = new Worker(new URL('./deflate-worker.js', import.meta.url), { execArgv: [] });
  readonly #jobs: Pending[] = [];
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    threads.add(this);
    this.#worker.on('message', (written: number) => {
      this.#jobs.shift()?.resolve(written);
      share();
      if (this.#jobs.length > 0) return;
      this.#worker.unref();
      this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
    });
    this.#worker.on('error', () => this.#died());
    this.#worker.on('exit', () => this.#died());
  }

  get jobs(): number {
    return this.#jobs.length;
  }

  add(pending: Pending): void {
    clearTimeout(this.#idle);
    this.#worker.ref();
    this.#jobs.push(pending);
    this.#worker.postMessage(pending.job);
  }

  #end(): void {
    this.#forget();
    this.#worker.removeAllListeners();
    void this.#worker.terminate();
  }

  #died(): void {
    this.#forget();
    for (const pending of this.#jobs.splice(0)) settle(pending);
    share();
  }

  #forget(): void {
    clearTimeout(this.#idle);
    threads.delete(this);
    if (threads.size === 0) memories.length = 0;
  }
}
