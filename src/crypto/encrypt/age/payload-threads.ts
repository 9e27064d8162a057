import type { FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packError, unpackError } from '../../../content/blob-pass-message.js';
import { interrupted, throwIfInterrupted } from '../../../content/interrupted.js';
import { pollProgress } from '../../../content/poll-progress.js';
import { ImgkitError } from '../../../errors.js';
import { createPayloadMemory, payloadBlocks, viewPayloadMemory, type PayloadJob, type PayloadReply } from './payload-job.js';
import { CHUNK, SEALED, TAG } from './payload.js';

/** From so many bytes on, threads (40 ms to start) are worth it. */
export const WORTH_THREADS = 8 * 1024 * 1024;
/** The disk keeps up with no more. */
const MOST_THREADS = 2;

/** An open file that gets the result. */
export interface PayloadOutput {
  readonly handle: FileHandle;
  /** For errors. */
  readonly name: string;
  /** Default: 0. */
  readonly offset?: number | undefined;
}

export interface RunPayloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the input done so far; called now and then, and at the end. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * Encrypts or decrypts a payload from file to file, its blocks shared out among threads: the result does not depend on who does which.
 * Returns the bytes written. What stands in the output is proven only when this resolves; the files must stay open until it settles.
 * Throws as `openPayload` (the first error in the order of the file), `tar-truncated`, `disk-full`, `io-failed`, `interrupted`.
 */
export async function runPayload({ output, ...job }: Omit<PayloadJob, 'memory' | 'output' | 'outputName'> & { readonly output: PayloadOutput }, { signal, onBytes }: RunPayloadOptions = {}): Promise<number> {
  const doing = `${job.way === 'seal' ? 'encrypting' : 'decrypting'} ${job.name}`;
  throwIfInterrupted(signal, doing);
  const memory = createPayloadMemory();
  const { stopped, done } = viewPayloadMemory(memory);
  const workerData: PayloadJob = { ...job, memory, output: { fd: output.handle.fd, offset: output.offset ?? 0 }, outputName: output.name };
  const stop = (): void => void Atomics.store(stopped, 0, 1);
  signal?.addEventListener('abort', stop, { once: true });
  const poll = pollProgress(done, onBytes, stop);
  const { count } = payloadBlocks(job);
  try {
    const threads = Math.min(MOST_THREADS, availableParallelism(), count);
    const replies = await Promise.all(Array.from({ length: threads }, () => runThread(workerData, stop)));
    const [first] = replies.flatMap((reply) => ('error' in reply ? [reply] : [])).toSorted((a, b) => a.block - b.block);
    poll.check();
    if (first !== undefined) throw unpackError(first.error);
    if (signal?.aborted === true) throw interrupted(doing, signal.reason);
  } finally {
    poll.end();
    signal?.removeEventListener('abort', stop);
  }
  onBytes?.(job.input.length);
  return writtenBytes(job);
}

/** One thread, from its start to its end. A failure of the thread itself comes before all blocks. */
function runThread(workerData: PayloadJob, stop: () => void): Promise<PayloadReply> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./payload-worker.js', import.meta.url), { workerData, execArgv: [] });
    let reply: PayloadReply | undefined;
    const died = (why: unknown): void => {
      stop();
      const { name } = workerData;
      reply ??= { block: -1, error: packError(new ImgkitError('io-failed', `${name}: a thread that worked on it stopped (${String(why)}); run it again.`, { file: name })) };
    };
    worker.on('message', (found: PayloadReply) => (reply = found));
    worker.on('error', died);
    // Until it has ended it may use the files.
    worker.on('exit', (code) => {
      if (reply === undefined) died(`it ended with code ${code}`);
      resolve(reply as PayloadReply);
    });
  });
}

/** Every chunk that is written or read has a tag. */
function writtenBytes({ way, input: { length } }: Pick<PayloadJob, 'way' | 'input'>): number {
  return way === 'seal' ? length + Math.max(1, Math.ceil(length / CHUNK)) * TAG : length - Math.ceil(length / SEALED) * TAG;
}
