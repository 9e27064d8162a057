import { lstat, stat } from 'node:fs/promises';
import { readTrustFolder } from '../../crypto/trust/read-trust-folder.js';
import { isManifestFile, placeOf } from '../../crypto/trust/trust-layout.js';
import type { TrustFiles } from '../../crypto/trust/trust-manifest.js';
import { recoverTrustFolder } from '../../crypto/trust/write-trust-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';

/**
 * The files of the trust folder that a change takes the place of, as a whole; undefined where nothing is there. Throws `usage` for the
 * folder that one is in, for one would be in a folder that is gone, and what reading throws.
 */
export async function readPresentTrust(folder: string, signal: AbortSignal | undefined): Promise<TrustFiles | undefined> {
  await recoverTrustFolder(folder);
  if (!(await isThere(folder))) return undefined;
  const [there, here] = await Promise.all([stat(folder), stat('.')]).catch((error: unknown) => {
    throw fromSystemError(error, folder, 'looking at it');
  });
  if (there.dev === here.dev && there.ino === here.ino) throw new ImgkitError('usage', `${folder} is the folder you are in, and is replaced as a whole when it changes; go one up and name it from there.`, { file: folder });
  return readTrustFolder(folder, signal);
}

/** Throws `document-malformed` when `files`, those of `folder`, are not all of a trust: they would be gone with it. */
export function refuseForeignFiles(files: TrustFiles, folder: string): void {
  const foreign = [...files.keys()].find((path) => placeOf(path) === undefined && !isManifestFile(path));
  if (foreign !== undefined) throw new ImgkitError('document-malformed', `${folder}: holds ${foreign}, which belongs to no trust folder; name another folder, or move it away first.`, { file: folder, entry: foreign });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fromSystemError(error, path, 'looking for it');
  }
}
