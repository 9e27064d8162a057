import { createBlobPool, type BlobPool } from '../content/worker-pool.js';
import { BLOB_PASS_TOOLS } from './blob-pass-tools.js';

/** A pool of workers that check layers as tars. The caller closes it. */
export function openPool(): BlobPool {
  return createBlobPool({ script: new URL('./blob-worker.js', import.meta.url), tools: BLOB_PASS_TOOLS });
}
