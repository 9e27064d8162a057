import { read } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fromSystemError } from '../errors.js';
import type { FileRange } from './byte-source.js';
import { endsEarly } from './handle-source.js';
import type { LentChunk } from './lent-chunk.js';
import { readAtSync } from './read-at-sync.js';
import { releaseMemory } from './release-memory.js';

/** Large enough for few trips to the thread pool, small enough for the processor's cache. */
const CHUNK = 512 * 1024;
const CHUNK_HERE = 1024 * 1024;
const readAt = promisify(read);

/**
 * The bytes of a range of a local file, lent: memory is used again, and given back in
 * the end. Ended or not, nothing is read any more when it has settled. `name` is for errors. Throws `tar-truncated`
 * when the file ends early, `io-failed`.
 */
export async function* localChunks({ fd, offset, length }: FileRange, name: string): AsyncGenerator<LentChunk, void, undefined> {
  const size = Math.min(CHUNK, length);
  const blocks = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const;
  const ask = async (done: number, into: Buffer): Promise<Uint8Array> => {
    const { bytesRead } = await readAt(fd, into, 0, Math.min(size, length - done), offset + done).catch((error: unknown) => {
      throw fromSystemError(error, name, `reading at offset ${offset + done}`);
    });
    if (bytesRead === 0) throw endsEarly(name, done, length);
    return into.subarray(0, bytesRead);
  };
  let next: Promise<Uint8Array> | undefined;
  try {
    if (length > 0) next = ask(0, blocks[0]);
    for (let done = 0, turn = 1; next !== undefined; turn ^= 1) {
      const chunk: Uint8Array = await next;
      done += chunk.length;
      // The disk reads on while the receiver works on this chunk.
      next = done < length ? ask(done, blocks[turn as 0 | 1]) : undefined;
      next?.catch(() => undefined);
      yield chunk;
    }
  } finally {
    // The descriptor must not be in use once the receiver has gone.
    await next?.catch(() => undefined);
    for (const block of blocks) releaseMemory(block);
  }
}

/**
 * As {@link localChunks}, read in this thread: of a file that the system has in memory that takes less of both processors. Between two chunks
 * others have their turn.
 */
export async function* localChunksHere({ fd, offset, length }: FileRange, name: string): AsyncGenerator<LentChunk, void, undefined> {
  const block = Buffer.allocUnsafeSlow(Math.min(CHUNK_HERE, length));
  try {
    for (let done = 0; done < length;) {
      const count = readAtSync(fd, block, Math.min(block.length, length - done), offset + done, name);
      if (count === 0) throw endsEarly(name, done, length);
      done += count;
      yield block.subarray(0, count);
      await setImmediate();
    }
  } finally {
    releaseMemory(block);
  }
}
