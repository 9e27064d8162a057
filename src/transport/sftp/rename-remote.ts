import type { Stats } from 'ssh2';
import { ImgkitError } from '../../errors.js';
import type { SftpSession } from './sftp-session.js';
import { statusError, statusOf } from './status-error.js';

/**
 * Gives `from` the name `to`. With `replace` in one step (`posix-rename@openssh.com`) and, where the server cannot do that, only to a
 * free name. Without it a taken name is `remote-refused`: OpenSSH's plain rename links first, so that nobody can get in between;
 * of other servers only the look before is sure. The protocol has no way to sync the folder.
 */
export async function renameRemote(session: SftpSession, from: string, to: string, replace: boolean, signal: AbortSignal | undefined): Promise<void> {
  const doing = `giving ${from} this name`;
  try {
    if (replace && session.offers('posix-rename@openssh.com')) return await session.call<void>((sftp, done) => sftp.ext_openssh_rename(from, to, done), signal);
    if (await exists(session, to, signal)) throw taken(session, to, replace);
    await session.call<void>((sftp, done) => sftp.rename(from, to, done), signal);
  } catch (error) {
    if (statusOf(error) !== undefined && !replace && await exists(session, from, signal) && await exists(session, to, signal)) throw taken(session, to, replace, error);
    throw statusError(error, session.host, to, doing);
  }
}

/** Also true for a link that leads nowhere: it takes the name too. */
async function exists(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await session.call<Stats>((sftp, done) => sftp.lstat(path, done), signal);
    return true;
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return false;
  }
}

function taken(session: SftpSession, to: string, replace: boolean, cause?: unknown): ImgkitError {
  const remedy = replace ? 'this server cannot replace a file in one step; remove the old one first' : 'choose another, or remove the file that is there';
  return new ImgkitError('remote-refused', `${session.host}${to}: the name is taken; ${remedy}.`, { file: to }, { cause });
}
