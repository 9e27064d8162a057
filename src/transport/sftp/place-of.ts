import { checkRemotePath } from '../../network/remote-path.js';
import type { SftpSession } from './sftp-session.js';
import { statusError } from './status-error.js';

/** Where `path` is: from the server's root on; after `/~/`, as for curl and lftp, in the folder where the user's sessions begin. */
export async function placeOf(session: SftpSession, path: string, signal: AbortSignal | undefined): Promise<string> {
  if (!/^\/~(?:\/|$)/.test(path)) return path;
  try {
    const home = checkRemotePath(await session.call<string>((sftp, done) => sftp.realpath('.', done), signal), session.host);
    return `${home.replace(/\/$/, '')}${path.slice(2)}` || '/';
  } catch (error) {
    throw statusError(error, session.host, path, 'looking for the folder of this user');
  }
}
