import { ImgkitError } from '../../errors.js';
import type { RemoteOptions } from '../transport.js';
import type { HttpSession } from './http-session.js';
import { statHttp } from './http-stat.js';
import { statusError } from './http-status.js';

/** Makes a folder and its parents with MKCOL where they are absent. Throws `location-unsupported` where the server has no WebDAV. */
export async function makeHttpFolder(session: HttpSession, path: string, options: RemoteOptions): Promise<void> {
  const folder = path.endsWith('/') ? path : `${path}/`;
  const status = await mkcol(session, folder, options);
  const parent = folder.replace(/[^/]+\/$/, '');
  if (status === 409 && parent !== folder && parent !== '/') {
    await makeHttpFolder(session, parent, options);
    check(session, folder, await mkcol(session, folder, options));
    return;
  }
  // 405 means that it is there (RFC 4918, section 9.3.1), or that there is no such method.
  if ((status === 405 || status === 501) && (await statHttp(session, folder, options))?.kind !== 'folder') {
    throw new ImgkitError('location-unsupported', `${session.host}: the server makes no folders (no WebDAV), and ${folder} is not there; ask its owner to make it.`, { file: `${session.host}${folder}` });
  }
  if (status !== 405) check(session, folder, status);
}

async function mkcol(session: HttpSession, folder: string, { signal }: RemoteOptions): Promise<number> {
  const response = await session.request({ method: 'MKCOL', path: folder, signal });
  await response.discard();
  return response.status;
}

function check(session: HttpSession, folder: string, status: number): void {
  if (status !== 200 && status !== 201 && status !== 405) throw statusError(status, { host: session.host, path: folder, doing: 'making the folder' });
}
