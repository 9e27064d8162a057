import { statfs } from 'node:fs/promises';
import { fromSystemError, ImgkitError } from '../errors.js';

/**
 * Proves that the file system of `folder` has `bytes` free for this user, before work starts that would fill it.
 * Throws `disk-full` with the needed and the free bytes. File systems that report no size at all are let through.
 */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  let free: number;
  try {
    const { bavail, bsize, blocks } = await statfs(folder);
    if (blocks === 0) return;
    free = bavail * bsize;
  } catch (error) {
    throw fromSystemError(error, folder, 'asking for its free space');
  }
  if (free >= bytes) return;
  throw new ImgkitError(
    'disk-full',
    `${folder}: ${bytes} bytes are needed and ${free} are free; free some space or choose another folder.`,
    { file: folder, expected: `${bytes} bytes free`, found: `${free} bytes free` },
  );
}
