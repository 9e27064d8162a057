import { openFileSource } from '../../content/file-source.js';
import type { Digest } from '../../content/digest.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';

/** What a file is, for a statement. */
export interface FileFacts {
  readonly digest: Digest;
  readonly size: number;
}

/** SHA-256 and size of a whole file, in a worker, in constant memory. Throws `file-not-found`, `io-failed`, `location-unsupported`, `interrupted`. */
export async function digestFile(path: string, pool: BlobPool, { signal, onProgress }: WorkOptions = {}): Promise<FileFacts> {
  const file = await openFileSource(path);
  try {
    const input = file.locate({ offset: 0, length: file.size });
    if (input === undefined) throw new TypeError(`${path} is not in a file`);
    const onBytes = (done: number): void => onProgress?.({ phase: 'digest', item: path, done, total: file.size });
    const { digest, size } = await pool.run({ name: path, input, compression: 'none', algorithm: 'sha256', scanLayer: false, limits: DEFAULT_LIMITS }, { signal, onBytes });
    return { digest, size };
  } finally {
    await file.close();
  }
}
