import { ImgkitError, isImgkitError } from '../../errors.js';
import { splitRemotePath } from '../../transport/remote-name.js';
import type { RemoteTarget } from './remote-target.js';

const HOW: Readonly<Record<string, string>> = {
  'file:': 'mkdir -p',
  'sftp:': 'mkdir in sftp or ssh',
  'http:': 'curl -X MKCOL where the server knows WebDAV, else its owner can',
  'https:': 'curl -X MKCOL where the server knows WebDAV, else its owner can',
};
const BY_FTP = 'mkdir in any FTP client';

/**
 * `error`, or `file-not-found` and how to make the folder when that is what is missing: FTP servers say 553 or 550 then, which mean many
 * other things. The folder is only asked for after a write has failed, so nothing costs a round trip where all is well.
 */
export async function explainMissingFolder(error: unknown, { transport, path, shown, presigned }: RemoteTarget, signal: AbortSignal | undefined): Promise<unknown> {
  if (presigned || !isImgkitError(error, 'file-not-found', 'remote-refused')) return error;
  const { protocol } = new URL(shown);
  // Over HTTP that was found out already; and a store of objects, which has no folders, refuses for other reasons.
  if (protocol.startsWith('http') && error.code !== 'file-not-found') return error;
  const { folder } = splitRemotePath(path);
  // One that is not there cannot be made either: a web server that says so of its root takes no uploads.
  if (folder === '/') return error;
  const there = await transport.stat(folder, { signal }).catch(() => error);
  if (there !== undefined) return error;
  return new ImgkitError('file-not-found', `${shown}: the folder ${folder} is not there; make it (${HOW[protocol] ?? BY_FTP}), or correct the path.`, { file: shown }, { cause: error });
}
