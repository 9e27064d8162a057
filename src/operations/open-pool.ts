import { availableParallelism } from 'node:os';
import { createBlobPool, MOST_WORKERS, type BlobPool } from '../content/worker-pool.js';
import { WorkerSupply } from '../content/worker-supply.js';
import { BLOB_PASS_TOOLS } from './blob-pass-tools.js';

/**
 * Threads of all pools together. Four calls at once have as many as they would have alone, and large machines one for each
 * processor: more take memory, about 10 MB each, and are no faster.
 */
const MOST_OF_PROCESS = Math.max(availableParallelism(), 4 * MOST_WORKERS);

const supply = new WorkerSupply(new URL('./blob-worker.js', import.meta.url), MOST_OF_PROCESS);

/** A pool of workers that check layers as tars, which all pools share. The caller closes it. */
export function openPool(): BlobPool {
  return createBlobPool({ script: supply, tools: BLOB_PASS_TOOLS });
}
