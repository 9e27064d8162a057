import { createHash } from 'node:crypto';
import { finishDigest } from '../../content/digest.js';
import type { StatementEntry } from '../../crypto/sign/statement.js';
import { proveFile } from './prove-file.js';

/**
 * `chunks`, compared on the way with what a signed statement says of the file: the stream fails instead of ending when they are
 * something else, and as soon as there are too many. Nothing may be believed before its end. Throws `signature-invalid`.
 */
export async function* proveStream(entry: StatementEntry, chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    size += chunk.length;
    if (entry.size !== undefined && size > entry.size) proveFile(entry, { digest: entry.digest, size }, file);
    yield chunk;
  }
  proveFile(entry, { digest: finishDigest(hash, 'sha256'), size }, file);
}
