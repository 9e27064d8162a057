import { randomBytes } from 'node:crypto';
import type { Abilities, AbilitiesOptions, RemoteOptions } from '../transport.js';
import { propfind } from './http-list.js';
import type { HttpSession } from './http-session.js';

/**
 * What a server can do: OPTIONS says it on some, on the others probes do, which change nothing: PROPFIND of the folder, MOVE of a
 * name that is not there, a range of one byte. HTTP cannot continue an upload: a cut one leaves nothing. Readers ask by HEAD and GET alone.
 */
export async function httpAbilities(session: HttpSession, path: string, options: AbilitiesOptions): Promise<Abilities> {
  const fixed = { append: false, hash: false, partial: 'never' } as const;
  if (options.purpose === 'read' || session.isSigned(path)) return { ...fixed, readRange: await canRange(session, path, options), list: false, rename: 'none' };
  const allowed = await allowedMethods(session, path, options);
  const folder = path.endsWith('/') ? path : path.slice(0, path.lastIndexOf('/') + 1);
  return {
    ...fixed,
    readRange: await canRange(session, path, options),
    list: allowed.has('PROPFIND') || (await canList(session, folder === '' ? '/' : folder, options)),
    rename: allowed.has('MOVE') || (await canMove(session, folder === '' ? '/' : folder, options)) ? 'replace' : 'none',
  };
}

async function allowedMethods(session: HttpSession, path: string, { signal }: RemoteOptions): Promise<ReadonlySet<string>> {
  const answer = await session.request({ method: 'OPTIONS', path, signal });
  await answer.discard();
  // Only what is said of this path: nginx answers 405 with no list, others allow everything everywhere.
  if (answer.status >= 300 || !answer.headers.has('dav')) return new Set();
  return new Set((answer.headers.get('allow') ?? '').split(',').map((method) => method.trim().toUpperCase()));
}

/** A file says it or shows it; of what is not there yet it is presumed, and reading copes when it was wrong. */
async function canRange(session: HttpSession, path: string, { signal }: RemoteOptions): Promise<boolean> {
  const head = await session.request({ method: 'HEAD', path, signal });
  await head.discard();
  if (head.headers.has('accept-ranges')) return head.headers.get('accept-ranges')?.toLowerCase() === 'bytes';
  const signed = session.isSigned(path) && head.status !== 404;
  if ((head.status !== 200 && !signed) || !head.headers.has('last-modified')) return !signed || canReadByte(session, path, signal);
  return canReadByte(session, path, signal);
}

async function canReadByte(session: HttpSession, path: string, signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await session.request({ method: 'GET', path, headers: { range: 'bytes=0-0' }, signal });
  await answer.discard();
  return answer.status === 206 || answer.status === 416;
}

async function canList(session: HttpSession, folder: string, options: RemoteOptions): Promise<boolean> {
  const answer = await propfind(session, folder, 0, options);
  await answer.discard();
  return answer.status === 207;
}

async function canMove(session: HttpSession, folder: string, { signal }: RemoteOptions): Promise<boolean> {
  const name = `${folder}.imgkit-${randomBytes(8).toString('hex')}`;
  const answer = await session.request({ method: 'MOVE', path: name, headers: { destination: session.urlOf(`${name}-moved`), overwrite: 'F' }, signal });
  await answer.discard();
  // Who can move looks for the file first.
  return answer.status === 404 || answer.status === 409;
}
