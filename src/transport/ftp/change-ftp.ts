import { ImgkitError } from '../../errors.js';
import { isFtpReply, isReplyOf, quoteReply } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { statFtp } from './ftp-stat.js';

/** DELE; a file that is not there is as good as removed. */
export async function removeFtp(session: FtpSession, path: string): Promise<void> {
  try {
    await session.client.send(`DELE ${path}`);
  } catch (error) {
    if (!isReplyOf(error, 450, 550) || (await statFtp(session, path)) !== undefined) throw error;
  }
}

/** MKD for every part of the path that is not there. What counts is that it is a folder in the end: another may make it too. */
export async function makeFolderFtp(session: FtpSession, origin: string, path: string): Promise<void> {
  const parts = path.split('/').filter((part) => part !== '');
  if ((await statFtp(session, path))?.kind === 'folder') return;
  let refusal = '';
  for (const [index] of parts.entries()) {
    try {
      await session.client.send(`MKD /${parts.slice(0, index + 1).join('/')}`);
      refusal = '';
    } catch (error) {
      if (!isFtpReply(error) || isReplyOf(error, 421)) throw error;
      refusal = error.message;
    }
  }
  if ((await statFtp(session, path))?.kind === 'folder') return;
  throw new ImgkitError('remote-refused', `${origin}: the folder ${path} cannot be made: the server says ${quoteReply(refusal)}; check what this user may do.`, { file: origin });
}
