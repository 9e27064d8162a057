import { Worker } from 'node:worker_threads';
import { ImgkitError } from '../errors.js';
import { unpackError } from './blob-pass-message.js';
import type { Digest } from './digest.js';
import { interrupted, throwIfInterrupted } from './interrupted.js';
import { createRingMemory, SLOTS, viewRing, type ThreadRead, type ThreadReply } from './thread-ring.js';

export interface ReadInThreadOptions extends Omit<ThreadRead, 'memory'> {
  /** The decompressed bytes, in order: a view that is valid only during the call. What it throws ends the reading. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Stored bytes read so far. */
  readonly onBytes?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a blob in a local file in a thread of its own, which hashes and decompresses it: what the receiver does happens meanwhile,
 * and no byte is copied twice. The caller compares the digests; until then the bytes are a claim. The file must stay open until this
 * settles. Throws as `createDecoder` does, what `onChunk` throws, `io-failed`, `interrupted`.
 */
export async function readInThread(options: ReadInThreadOptions): Promise<{ readonly digest: Digest; readonly plainDigest: Digest | undefined }> {
  const { onChunk, onBytes, signal, ...read } = options;
  throwIfInterrupted(signal, `reading ${read.name}`);
  const memory = createRingMemory();
  const { free, slot } = viewRing(memory);
  Atomics.store(free, 0, SLOTS);
  const worker = new Worker(new URL('./read-worker.js', import.meta.url), { workerData: { ...read, memory } satisfies ThreadRead, execArgv: [] });
  let stop: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      stop = () => reject(interrupted(`reading ${read.name}`, signal?.reason));
      signal?.addEventListener('abort', stop, { once: true });
      const died = (why: unknown): void => reject(new ImgkitError('io-failed', `${read.name}: the thread that read it stopped (${String(why)}); run it again.`, { entry: read.name }, { cause: why }));
      worker.on('error', died);
      worker.on('exit', (code) => died(`it ended with code ${code}`));
      worker.on('message', (reply: ThreadReply) => {
        if ('error' in reply) return reject(unpackError(reply.error));
        if ('digest' in reply) return resolve(reply);
        try {
          onChunk(slot(reply.slot).subarray(0, reply.length));
        } catch (error) {
          return reject(error as Error);
        }
        Atomics.add(free, 0, 1);
        Atomics.notify(free, 0);
        onBytes?.(reply.done);
      });
    });
  } finally {
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    worker.removeAllListeners();
    // Until it has ended it may read from the file.
    await worker.terminate();
  }
}
