import { constants } from 'node:fs';
import { copyFile, link, lstat, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { newPartPath, removeDeadParts } from '../../content/part-file.js';
import { fromSystemError } from '../../errors.js';

/** File systems of USB sticks have no hard links, the one way to take a name only if it is free. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Moves a file, also to another file system, so that its new name appears whole. False when something has that name: several watches may
 * keep files in one folder. Throws `io-failed`, `disk-full`; then the file is where it was.
 */
export async function moveFile(from: string, to: string): Promise<boolean> {
  try {
    const moved = await giveName(from, to).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      if (!(await copyAcross(from, to))) return false;
      await rm(from);
      return true;
    });
    if (moved) await syncFolder(dirname(to));
    return moved;
  } catch (error) {
    throw fromSystemError(error, to, 'moving it there');
  }
}

/** False when the name is taken. */
async function giveName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw error;
    if ((await lstat(to).catch(() => undefined)) !== undefined) return false;
    await rename(from, to);
    return true;
  }
  await unlink(from);
  return true;
}

async function copyAcross(from: string, to: string): Promise<boolean> {
  await removeDeadParts(to);
  const draft = await newPartPath(to);
  try {
    await copyFile(from, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The only copy is about to go.
    await sync(draft);
    const moved = await giveName(draft, to);
    if (!moved) await unlink(draft);
    return moved;
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
