import { createHash } from 'node:crypto';
import { finishDigest, type Digest } from '../../content/digest.js';
import { handleSource } from '../../content/handle-source.js';
import { lentBytes, type LentChunk } from '../../content/lent-chunk.js';
import { writeFully } from '../../content/write-fully.js';
import { WriteThread } from '../../content/write-thread.js';
import type { LocalPart } from './local-part.js';

/** From so many bytes on, a thread (40 ms to start) is worth it. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

/** What a part file holds in the end. */
export interface Appended {
  /** Of all of it, from the first byte. */
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Writes `chunks` behind what is there, and hashes all of the file: a large one in a thread of its own, for this one has the network to
 * attend to. What came is in the file also when it fails, to go on from. Throws what `chunks` throws, `disk-full`, `io-failed`, `interrupted`.
 */
export async function appendToPart({ handle, path, offset }: LocalPart, chunks: AsyncIterable<LentChunk>, onBytes: (done: number) => void, signal?: AbortSignal): Promise<Appended> {
  const hash = createHash('sha256');
  let at = offset;
  const threadFromHere = (): WriteThread => new WriteThread({ handle, offset: at, name: path });
  let thread = offset < WORTH_A_THREAD ? undefined : threadFromHere();
  try {
    if (thread === undefined) hash.update(await handleSource(path, handle, offset).read(0, offset));
    else await thread.hashStart(offset, signal);
    for await (const lent of chunks) {
      const chunk = lentBytes(lent);
      if (thread === undefined && at >= WORTH_A_THREAD) {
        thread = threadFromHere();
        await thread.hashStart(at, signal);
      }
      if (thread === undefined) {
        await writeFully(handle, chunk, at, path);
        hash.update(chunk);
      } else {
        await thread.write(chunk);
      }
      at += chunk.length;
      onBytes(at);
    }
    return { digest: thread === undefined ? finishDigest(hash, 'sha256') : await thread.finish(), size: at };
  } catch (error) {
    // What the thread was given is written.
    await thread?.finish().catch(() => undefined);
    throw error;
  } finally {
    await thread?.close();
  }
}
