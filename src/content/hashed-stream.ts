import { createHash } from 'node:crypto';
import { finishDigest, type Digest, type DigestAlgorithm } from './digest.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';

/** Passes `chunks` on and calls `atEnd` with their digest before the stream ends; what `atEnd` throws ends the stream. */
export async function* hashedStream<Chunk extends LentChunk>(chunks: AsyncIterable<Chunk>, algorithm: DigestAlgorithm, atEnd: (found: Digest, size: number) => void): AsyncIterable<Chunk> {
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(lentBytes(chunk));
    size += chunk.length;
    yield chunk;
  }
  atEnd(finishDigest(hash, algorithm), size);
}
