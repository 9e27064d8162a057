import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { realTrustFolder } from '../../crypto/trust/real-trust-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { withLock } from '../../store/lock.js';

/**
 * Runs `action`, which reads a trust folder and puts another in its place, while nobody else does: of two that read the same
 * version, one would undo what the other did. It gets the place of the folder, whatever links lead there. The lock lies beside that, for the
 * folder is exchanged as a whole, and goes with its last user; that of a process that died is taken over. Throws `store-locked` when it
 * stays held, `file-not-found` without the parent folder or for a link to nothing, and `usage` for an empty name: it would mean the folder
 * that one is in, which would be gone with all that is in it.
 */
export async function withTrustLock<T>(folder: string, action: (place: string) => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (folder === '') throw new ImgkitError('usage', 'The name of the trust folder is empty; perhaps a variable is not set.');
  const path = await realTrustFolder(folder);
  const parent = dirname(path);
  await stat(parent).catch((error: unknown) => {
    throw fromSystemError(error, parent, 'looking for the folder that the trust is to lie in');
  });
  const place = join(parent, `.${basename(path)}.lock`);
  return withLock({ layout: folder, folder: place, lock: join(place, 'lock'), leases: join(place, 'leases'), ingest: join(place, 'ingest'), permanent: false }, () => action(path), { signal });
}
