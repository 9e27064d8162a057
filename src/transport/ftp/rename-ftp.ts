import { ImgkitError } from '../../errors.js';
import { explainRefusal } from './ftp-missing.js';
import type { FtpSession } from './ftp-session.js';
import { statFtp } from './ftp-stat.js';

/**
 * RNFR and RNTO. Common servers replace a file that has the name; FTP has no way to forbid it. So without `replace` the name is
 * looked at first: somebody who takes it between the two commands is overwritten.
 */
export async function renameFtp(session: FtpSession, origin: string, from: string, to: string, replace: boolean): Promise<void> {
  if (!replace && (await statFtp(session, to)) !== undefined) {
    throw new ImgkitError('remote-refused', `${origin}: ${to} is there already; choose another name or allow it to be replaced.`, { file: origin });
  }
  try {
    await session.client.send(`RNFR ${from}`);
  } catch (error) {
    throw await explainRefusal(session, origin, from, error);
  }
  await session.client.send(`RNTO ${to}`);
}
