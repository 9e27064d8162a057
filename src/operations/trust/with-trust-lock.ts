import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fromSystemError } from '../../errors.js';
import { withLock } from '../../store/lock.js';

/**
 * Runs `action`, which reads a trust folder and puts another in its place, while nobody else does: of two that read the same
 * version, one would undo what the other did. The lock lies beside the folder, which is exchanged as a whole, and goes with its last
 * user; that of a process that died is taken over. Throws `store-locked` when it stays held, `file-not-found` without the parent folder.
 */
export async function withTrustLock<T>(folder: string, action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const path = resolve(folder);
  const parent = dirname(path);
  await stat(parent).catch((error: unknown) => {
    throw fromSystemError(error, parent, 'looking for the folder that the trust is to lie in');
  });
  const place = join(parent, `.${basename(path)}.lock`);
  return withLock({ layout: folder, folder: place, lock: join(place, 'lock'), leases: join(place, 'leases'), ingest: join(place, 'ingest'), permanent: false }, action, { signal });
}
