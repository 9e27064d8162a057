import { createHash } from 'node:crypto';
import { onlyHashes, type BlobPass, type BlobPassResult } from './blob-pass.js';
import type { BlobPassWatch } from './blob-pass-run.js';
import { finishDigest } from './digest.js';
import { interrupted } from './interrupted.js';
import { lentBytes } from './lent-chunk.js';
import { localChunks } from './local-chunks.js';

/** True for a pass that {@link onlyHashes}, unless it says no. */
export function mayReadAhead(pass: BlobPass): boolean {
  return pass.readAhead !== false && onlyHashes(pass);
}

/**
 * As `runBlobPass` for a pass that {@link mayReadAhead}: the next block is read while one is hashed. Blocks the thread but for the
 * moments between blocks. When it settles, nothing is read any more. Throws as that does.
 */
export async function digestAhead({ name = 'blob', input }: BlobPass, { onBytes, isCancelled }: BlobPassWatch = {}): Promise<BlobPassResult> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of localChunks(input, name)) {
    if (isCancelled?.() === true) throw interrupted(`reading ${name}`);
    hash.update(lentBytes(chunk));
    done += chunk.length;
    onBytes?.(done);
  }
  const digest = finishDigest(hash, 'sha256');
  return { digest, size: done, diffId: digest, decompressedSize: done };
}
