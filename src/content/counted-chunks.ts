import type { LentChunk } from './lent-chunk.js';

/** Passes `chunks` on, and tells `onBytes` before each how many bytes there are with it. */
export async function* countedChunks<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, onBytes: (done: number) => void): AsyncGenerator<Chunk, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    onBytes(done);
    yield chunk;
  }
}
