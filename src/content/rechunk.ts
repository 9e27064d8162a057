import { copyBytes } from './copy-bytes.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';

/** A block of the size asked for; only the last may be shorter (and is empty where there was no input at all). */
export interface Block {
  readonly block: Buffer;
  readonly last: boolean;
}

/** `chunks` cut into blocks of `size` bytes, however they came. Each block comes from `take`, and belongs to the receiver. */
export async function* rechunk(chunks: AsyncIterable<LentChunk>, size: number, take: () => Buffer = () => Buffer.allocUnsafeSlow(size)): AsyncGenerator<Block, void, undefined> {
  let block = take();
  let filled = 0;
  for await (const lent of chunks) {
    const chunk = lentBytes(lent);
    for (let at = 0; at < chunk.length;) {
      // A full block waits for one more byte: only then is it known not to be the last.
      if (filled === size) {
        yield { block, last: false };
        block = take();
        filled = 0;
      }
      const part = chunk.subarray(at, at + size - filled);
      copyBytes(block, part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  yield { block: block.subarray(0, filled), last: true };
}
