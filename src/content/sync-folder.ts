import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { fromSystemError } from '../errors.js';

/**
 * Some network and FUSE file systems know no sync of a folder, and a folder that users may only drop files into cannot be opened: more than they
 * did they cannot promise.
 */
const CANNOT = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EACCES']);

/** Makes renames and new names in `folder` last through a power cut. Throws `io-failed`, `file-not-found`. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (CANNOT.has((error as NodeJS.ErrnoException).code ?? '')) return;
    throw fromSystemError(error, folder, 'syncing the folder');
  }
}
