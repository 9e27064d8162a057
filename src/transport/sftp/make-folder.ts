import type { Stats } from 'ssh2';
import { ImgkitError } from '../../errors.js';
import type { SftpSession } from './sftp-session.js';
import { STATUS, statusError, statusOf } from './status-error.js';

/** Makes the folder and those above it, as far as they are not there. Throws `remote-refused` when a file has the name of one. */
export async function makeFolder(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<void> {
  const parts = path.split('/').filter((part) => part !== '');
  // From below: those above are mostly there, and may be closed to this user.
  let depth = parts.length;
  const at = (count: number): string => `/${parts.slice(0, count).join('/')}`;
  while (depth > 0 && !(await makeOne(session, at(depth), signal))) depth -= 1;
  for (depth += 1; depth <= parts.length; depth += 1) await makeOne(session, at(depth), signal);
}

/** False when the folder above is missing; true when the folder is there in the end. */
async function makeOne(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await session.call<void>((sftp, done) => sftp.mkdir(path, done), signal);
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw statusError(error, session.host, path, 'making the folder');
    const stats = await session.call<Stats>((sftp, done) => sftp.stat(path, done), signal).catch((cause: unknown) => {
      if (statusOf(cause) === undefined) throw cause;
    });
    if (stats?.isDirectory() === true) return true;
    if (stats !== undefined) throw new ImgkitError('remote-refused', `${session.host}${path}: making the folder failed: a file of this name is there; remove it, or choose another path.`, { file: path }, { cause: error });
    if (status === STATUS.NO_SUCH_FILE) return false;
    throw statusError(error, session.host, path, 'making the folder');
  }
}
