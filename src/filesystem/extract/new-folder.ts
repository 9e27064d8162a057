import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { fromSystemError, ImgkitError } from '../../errors.js';

/** A private folder that gets its name when everything in it is there. Always `discard` in the end; after `commit` that does nothing. */
export interface NewFolder {
  readonly handle: number;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** Makes a folder (0700) beside `path`. `path` must not be there, or be an empty folder. Throws `file-exists`, `file-not-found`, `io-failed`, `location-unsupported`. */
export async function createNewFolder(path: string): Promise<NewFolder> {
  if (!existsSync('/proc/self/fd')) throw new ImgkitError('location-unsupported', `${path}: extracting safely needs the folder handles of Linux (/proc/self/fd); use imgkit export and tar instead.`, { file: path });
  const final = resolve(path);
  await requireVacant(final, path);
  const temp = join(dirname(final), `.${basename(final)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(temp, { mode: 0o700 });
    const handle = openSync(temp, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return newFolder(handle, temp, final, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ImgkitError('file-not-found', `${path}: there is no folder ${dirname(final)} to make it in; make that first.`, { file: path }, { cause: error });
    throw fromSystemError(error, path, 'creating it');
  }
}

function newFolder(handle: number, temp: string, final: string, path: string): NewFolder {
  let done = false;
  return {
    handle,
    async commit() {
      try {
        await requireVacant(final, path);
        // Over an empty folder too; over anything else it fails.
        await rename(temp, final).catch(async (error: unknown) => {
          // Somebody was quicker since: that it is there is what is to be told.
          await requireVacant(final, path);
          throw error;
        });
        done = true;
        closeSync(handle);
        await syncFolder(dirname(final));
      } catch (error) {
        throw fromSystemError(error, path, 'finishing it');
      }
    },
    async discard() {
      if (done) return;
      done = true;
      closeSync(handle);
      await removeAll(temp);
    },
  };
}

/** `final` must be nothing, or an empty folder that a new one can take the place of: known before gigabytes are written beside it. */
async function requireVacant(final: string, path: string): Promise<void> {
  try {
    const [there, parent, here] = await Promise.all([lstat(final), stat(dirname(final)), stat('.')]);
    if (there.isSymbolicLink()) throw exists(path, 'is a link');
    if (!there.isDirectory()) throw exists(path, 'is there and is no folder');
    if (there.dev !== parent.dev) throw exists(path, 'is a mount point');
    if (there.dev === here.dev && there.ino === here.ino) throw exists(path, 'is the folder you are in');
    if ((await readdir(final)).length > 0) throw exists(path, 'is not empty');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fromSystemError(error, path, 'looking into it');
  }
}

function exists(path: string, problem: string): ImgkitError {
  return new ImgkitError('file-exists', `${path} ${problem}; extract into a new folder.`, { file: path });
}

/** Removes a folder that may hold unreadable ones. What cannot be removed stays: the failure that led here is the one to tell. */
async function removeAll(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await makeReadable(folder).catch(() => undefined);
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function makeReadable(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(async (error: NodeJS.ErrnoException) => {
    // Of a link in its place chmod would change what that leads to.
    if (error.code !== 'EACCES') throw error;
    await chmod(folder, 0o700);
    return open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  });
  try {
    await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await makeReadable(join(folder, entry.name));
}
