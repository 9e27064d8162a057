import { setTimeout as delay } from 'node:timers/promises';
import { interrupted } from '../content/interrupted.js';
import type { LentChunk } from '../content/lent-chunk.js';

/** What may go at once after a pause, in seconds' worth. */
const BURST = 0.25;

/**
 * `chunks` at no more than `bytesPerSecond`, as a token bucket: large chunks are cut so that the flow is even.
 * Without a rate, `chunks` itself. Throws `interrupted` when `signal` is aborted while it waits.
 */
export function limitRate<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, bytesPerSecond: number | undefined, signal?: AbortSignal): AsyncIterable<Chunk> {
  const unlimited = bytesPerSecond === undefined || bytesPerSecond <= 0 || bytesPerSecond === Infinity;
  return unlimited ? chunks : paced(chunks, bytesPerSecond, signal);
}

async function* paced<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, bytesPerSecond: number, signal: AbortSignal | undefined): AsyncGenerator<Chunk, void, undefined> {
  const piece = Math.max(1, Math.floor(bytesPerSecond * BURST));
  let tokens = piece;
  let before = performance.now();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += piece) {
      const part = chunk.subarray(at, at + piece) as Chunk;
      const now = performance.now();
      tokens = Math.min(piece, tokens + ((now - before) / 1000) * bytesPerSecond);
      before = now;
      // Goes into debt by one piece and pays first: so a chunk of any size passes.
      if (tokens < part.length) await pause(((part.length - tokens) / bytesPerSecond) * 1000, signal);
      tokens -= part.length;
      yield part;
    }
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.reason instanceof Error && signal.reason.name === 'ImgkitError' ? signal.reason : interrupted('transferring at a limited rate', error);
  }
}
