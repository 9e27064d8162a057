import { lstat, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const TRIES = 100;

/**
 * Makes a folder and its parents. Gives the topmost folder that was made; undefined when all were there. Throws as mkdir.
 *
 * Node's own recursive mkdir tries for ever where a folder that is there says ENOENT to a new one, as /proc and automounters do.
 */
export async function makeFolders(folder: string, mode = 0o777): Promise<string | undefined> {
  try {
    return await makeOne(folder, mode);
  } catch (error) {
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    const first = await makeFolders(parent, mode);
    const made = await makeOne(folder, mode);
    return first ?? made;
  }
}

async function makeOne(folder: string, mode: number): Promise<string | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      await mkdir(folder, { mode });
      return folder;
    } catch (error) {
      // Whatever it says: what is there need not be made. A link to nothing is found by the second call, and a folder that is there again.
      const found = await stat(folder).catch(() => lstat(folder)).catch(() => undefined);
      if (found?.isDirectory() === true) return undefined;
      // Another process may have removed it since.
      const isGone = found === undefined && (error as NodeJS.ErrnoException).code === 'EEXIST';
      if (!isGone || tries === TRIES) throw error;
    }
  }
}
