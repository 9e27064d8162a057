import { fromSystemError } from '../errors.js';
import { makeFolders } from './make-folders.js';

const MKDIR_TRIES = 100;

/** Makes a folder for us alone, 0700, and its parents. Throws `io-failed` or `disk-full`. */
export async function makePrivate(folder: string): Promise<void> {
  await makeFolder(folder, 0o700);
}

/** Makes a folder and its parents. Gives the topmost folder that was made; undefined when all were there. Throws `io-failed` or `disk-full`. */
export async function makeFolder(folder: string, mode: number): Promise<string | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await makeFolders(folder, mode);
    } catch (error) {
      // Who finds the folder and then looks at it fails when another process removes it in between.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === MKDIR_TRIES) throw fromSystemError(error, folder, 'making the folder');
    }
  }
}
