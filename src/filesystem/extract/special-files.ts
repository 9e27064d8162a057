import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { promisify } from 'node:util';
import { interrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import type { Inode } from '../inode.js';

/**
 * Makes the fifo or device that `inode` is, with its permission bits, at `path`, in the folder with this handle. Node has no call for it, so `mkfifo` or `mknod` does
 * it. Throws `io-failed`, also when the command is not installed.
 */
export async function makeSpecialFile(handle: number, path: string | Buffer, inode: Inode, signal: AbortSignal | undefined): Promise<void> {
  // Our own handle, as the command sees it; names of an image never become arguments of a command.
  const temporary = `/proc/${process.pid}/fd/${handle}/.imgkit-${randomBytes(9).toString('hex')}`;
  // Neither command takes more bits than these.
  const mode = (inode.mode & 0o777).toString(8);
  const [command, ...words] = inode.type === 'fifo'
    ? ['mkfifo', '-m', mode, temporary]
    : ['mknod', '-m', mode, temporary, inode.type === 'block-device' ? 'b' : 'c', String(inode.devMajor), String(inode.devMinor)];
  try {
    await promisify(execFile)(command as string, words, { signal });
    renameSync(temporary, path);
  } catch (error) {
    if (signal?.aborted === true) throw interrupted('making a special file', error);
    const problem = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not installed' : `failed: ${String((error as { stderr?: unknown }).stderr ?? error).trim().slice(0, 200)}`;
    throw new ImgkitError('io-failed', `A ${inode.type.replace('-', ' ')} could not be made: ${command as string} ${problem}; leave it out by naming the paths that you want.`, {}, { cause: error });
  }
}
