import { ImgkitError } from '../../errors.js';
import { isReplyOf } from './ftp-error.js';
import type { FtpSession } from './ftp-session.js';
import { statFtp } from './ftp-stat.js';

export function fileNotFound(origin: string, path: string, cause?: unknown): ImgkitError {
  return new ImgkitError('file-not-found', `${origin}: there is no ${path}; check the path.`, { file: origin }, { cause });
}

/** One reply code stands for "not there" and for "you may not": looks which it is. Gives the error to throw. */
export async function explainRefusal(session: FtpSession, origin: string, path: string, error: unknown): Promise<unknown> {
  if (!isReplyOf(error, 450, 550, 553)) return error;
  return (await statFtp(session, path)) === undefined ? fileNotFound(origin, path, error) : error;
}
