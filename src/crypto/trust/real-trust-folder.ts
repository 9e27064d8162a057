import { readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fromSystemError, ImgkitError } from '../../errors.js';
import { hasPrevious } from './write-trust-folder.js';

/**
 * Where a trust folder is that may be named by a link: it is changed there, for all who name it otherwise, and the link stays. A link to
 * nothing is no trust that is yet to be made: what it means may be on a disk that is not mounted, and has owners. Throws `file-not-found`.
 */
export async function realTrustFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromSystemError(error, folder, 'looking for the trust folder');
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) return path;
    const real = resolve(dirname(path), target);
    if (await hasPrevious(real)) return real;
    throw new ImgkitError('file-not-found', `${folder}: is a link to ${real}, which is not there; bring that back (is its disk mounted?), or remove the link to start anew.`, { file: folder }, { cause: error });
  }
}
