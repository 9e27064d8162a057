import { stat } from 'node:fs/promises';
import type { BlobPool } from '../../content/worker-pool.js';
import type { StatementEntry } from '../../crypto/sign/statement.js';
import { fromSystemError } from '../../errors.js';
import type { WorkOptions } from '../../progress.js';
import { digestFile, type FileFacts } from './digest-file.js';
import { proveFile } from './prove-file.js';

/**
 * Reads the file at `path` and compares it with what a signed statement says of it. One of another size is not even read.
 * Throws as `proveFile` and `digestFile`.
 */
export async function digestAsSigned(entry: StatementEntry, path: string, pool: BlobPool, options: WorkOptions = {}): Promise<FileFacts> {
  const info = await stat(path).catch((error: unknown) => {
    throw fromSystemError(error, path, 'looking at it');
  });
  if (info.isFile()) proveFile(entry, { digest: entry.digest, size: info.size }, path);
  const facts = await digestFile(path, pool, options);
  proveFile(entry, facts, path);
  return facts;
}
