import type { LentChunk } from '../content/lent-chunk.js';
import { rechunk } from '../content/rechunk.js';

/** Connections give some kilobytes at a time; hashing and writing such pieces one by one takes twice as long. */
const BLOCK = 512 * 1024;

/** `chunks` joined into larger ones, `size` bytes in all where that is known. What came before a failure is not given out: the failure is. */
export async function* gather(chunks: AsyncIterable<LentChunk>, size: number = BLOCK): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { block } of rechunk(chunks, Math.max(1, Math.min(size, BLOCK)))) if (block.length > 0) yield block;
}
