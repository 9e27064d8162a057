import type { LentChunk } from '../../content/lent-chunk.js';

/** Carries what the source of an upload threw past everything that explains errors of the network. */
export class SenderError extends Error {
  constructor(cause: unknown) {
    super('the source of the data failed', { cause });
    this.name = 'SenderError';
  }
}

/** `chunks`, whose own errors come as {@link SenderError}. */
export async function* senderChunks<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let open = true;
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        open = false;
        throw new SenderError(error);
      });
      if (next.done === true) {
        open = false;
        return;
      }
      yield next.value;
    }
  } finally {
    if (open) await iterator.return?.();
  }
}
