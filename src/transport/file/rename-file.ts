import { link, lstat, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../content/sync-folder.js';
import { ImgkitError } from '../../errors.js';
import { fileError } from './file-error.js';

/** File systems of USB sticks have no hard links, the one way to take a name only if it is free. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Gives `from` the name `to` in one step and makes that durable. Without `replace` a taken name is `remote-refused`. */
export async function renameFile(from: string, to: string, replace: boolean): Promise<void> {
  try {
    if (replace) await rename(from, to);
    else await exclusively(from, to);
    await syncFolder(dirname(to));
  } catch (error) {
    throw fileError(error, to, `giving ${from} this name`);
  }
}

async function exclusively(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code)) throw error;
    if ((await lstat(to).catch(() => undefined)) !== undefined) throw new ImgkitError('remote-refused', `file://${to}: the name is taken; choose another, or remove the file that is there.`, { file: to });
    return rename(from, to);
  }
  await unlink(from);
}
