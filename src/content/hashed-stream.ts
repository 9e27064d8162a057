import { createHash } from 'node:crypto';
import { finishDigest, type Digest, type DigestAlgorithm } from './digest.js';

/** Passes `chunks` on and calls `atEnd` with their digest before the stream ends; what `atEnd` throws ends the stream. */
export async function* hashedStream(chunks: AsyncIterable<Uint8Array>, algorithm: DigestAlgorithm, atEnd: (found: Digest, size: number) => void): AsyncIterable<Uint8Array> {
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
    yield chunk;
  }
  atEnd(finishDigest(hash, algorithm), size);
}
