import { constants } from 'node:fs';
import { copyFile, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { newPartPath, removeDeadParts } from '../../content/part-file.js';
import { fromSystemError } from '../../errors.js';

/** Moves a file, also to another file system, so that its new name appears whole. Throws `io-failed`, `disk-full`; then the file is where it was. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await copyAcross(from, to);
      await rm(from);
    });
    await syncFolder(dirname(to));
  } catch (error) {
    throw fromSystemError(error, to, 'moving it there');
  }
}

async function copyAcross(from: string, to: string): Promise<void> {
  await removeDeadParts(to);
  const draft = await newPartPath(to);
  try {
    await copyFile(from, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The only copy is about to go.
    await sync(draft);
    await rename(draft, to);
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
