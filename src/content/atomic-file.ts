import { link, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { fromSystemError, ImgkitError } from '../errors.js';
import { newPartPath, removeDeadParts } from './part-file.js';
import { syncAhead } from './sync-ahead.js';
import { syncFolder } from './sync-folder.js';
import { currentUmask } from './umask.js';
import { requireFilePlace } from './writable-place.js';

/** A file that appears under its name only when complete. Always `discard` in the end; after `commit` that does nothing. */
export interface AtomicFile {
  readonly handle: FileHandle;
  readonly tempPath: string;
  /** fsync, then the final name, then fsync of the folder. Throws `file-exists` when it must not overwrite. */
  commit(): Promise<void>;
  /** Closes and removes what was not committed. */
  discard(): Promise<void>;
}

export interface AtomicFileOptions {
  /** Replace a file of that name; else `commit` throws `file-exists`. */
  readonly overwrite: boolean;
  /** For who names a folder, what else can be done with one: `, or write oci:DIR`. */
  readonly folderHint?: string | undefined;
}

/** Opens a private temporary file beside `path`, and removes those that killed processes left of it. Throws `file-not-found`, `io-failed`. */
export async function createAtomicFile(path: string, { overwrite, folderHint }: AtomicFileOptions): Promise<AtomicFile> {
  await requireFilePlace(path, folderHint);
  await removeDeadParts(path);
  // A program may change its folder while this is written.
  const final = isAbsolute(path) ? path : `${process.cwd()}/${path}`;
  const tempPath = await newPartPath(final);
  const handle = await open(tempPath, 'wx+', 0o600).catch((error: unknown) => {
    throw fromSystemError(error, path, 'creating it');
  });
  const ahead = syncAhead(handle);
  let done = false;
  return {
    handle,
    tempPath,
    async commit() {
      try {
        await handle.chmod(0o666 & ~(await currentUmask()));
        await ahead.finish();
        await handle.close();
        if (overwrite) await rename(tempPath, final);
        else await exclusively(tempPath, final, path);
        done = true;
        await syncFolder(dirname(final));
      } catch (error) {
        throw fromSystemError(error, path, 'finishing it');
      }
    },
    async discard() {
      if (done) return;
      done = true;
      await ahead.stop();
      await handle.close().catch(() => undefined);
      await unlink(tempPath).catch(() => undefined);
    },
  };
}

async function exclusively(tempPath: string, final: string, path: string): Promise<void> {
  try {
    await link(tempPath, final);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new ImgkitError('file-exists', `${path} exists already; choose another name or remove it first.`, { file: path }, { cause: error });
  }
  await unlink(tempPath);
}
