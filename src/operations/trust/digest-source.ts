import type { ByteSource } from '../../content/byte-source.js';
import { finishDigest } from '../../content/digest.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { FileFacts } from './digest-file.js';

/** A smaller file is hashed before anything in it is looked at: to do both at once would win nothing. In bytes. */
export const WORTH_A_THREAD = 8 * 1024 * 1024;

/**
 * SHA-256 and size of what is open and is looked into at the same time, in a worker where it is a local file: what is read from the same source afterwards is what was
 * hashed, whatever happens to its name meanwhile. Constant memory. Throws `io-failed`, `interrupted`.
 */
export async function digestSource(source: ByteSource, pool: BlobPool, { signal, onProgress }: WorkOptions = {}): Promise<FileFacts> {
  const onBytes = (done: number): void => onProgress?.({ phase: 'digest', item: source.name, done, total: source.size });
  const input = source.locate({ offset: 0, length: source.size });
  if (input !== undefined) {
    const { digest, size } = await pool.run({ name: source.name, input, compression: 'none', algorithm: 'sha256', scanLayer: false, limits: DEFAULT_LIMITS, readAhead: availableParallelism() > 2 }, { signal, onBytes });
    return { digest, size };
  }
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of source.stream(undefined, signal)) {
    hash.update(chunk);
    onBytes(size += chunk.length);
  }
  return { digest: finishDigest(hash, 'sha256'), size };
}
