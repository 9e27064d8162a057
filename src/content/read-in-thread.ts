import { throwIfInterrupted } from './interrupted.js';
import { ReadThread, type ThreadReadResult, type ThreadReceiver } from './read-thread.js';
import type { ThreadRead } from './thread-ring.js';

/** A thread takes 40 ms to start: one that has read a layer waits this long for the next. */
const IDLE_MS = 500;

const idle = new Map<ReadThread, NodeJS.Timeout>();

export interface ReadInThreadOptions extends Omit<ThreadRead, 'lendStored'>, ThreadReceiver {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a blob in a local file in a thread of its own, which hashes and decompresses it: what the receiver does happens meanwhile,
 * and no byte is copied. The caller compares the digests; until then the bytes are a claim. The file must stay open until this
 * settles. Throws as `createDecoder` does, what `onChunk` throws, `io-failed`, `interrupted`.
 */
export async function readInThread({ onChunk, onStored, onBytes, signal, ...read }: ReadInThreadOptions): Promise<ThreadReadResult> {
  throwIfInterrupted(signal, `reading ${read.name}`);
  const thread = wake() ?? new ReadThread();
  try {
    const found = await thread.run(read, { onChunk, onStored, onBytes }, signal);
    keep(thread);
    return found;
  } catch (error) {
    // Until it has ended it may read from the file.
    await thread.terminate();
    throw error;
  }
}

function wake(): ReadThread | undefined {
  for (const [thread, timer] of idle) {
    idle.delete(thread);
    clearTimeout(timer);
    if (!thread.dead) return thread;
  }
  return undefined;
}

function keep(thread: ReadThread): void {
  const timer = setTimeout(() => {
    idle.delete(thread);
    void thread.terminate();
  }, IDLE_MS);
  idle.set(thread, timer.unref());
}
