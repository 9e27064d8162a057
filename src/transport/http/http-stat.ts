import { isImgkitError } from '../../errors.js';
import type { HttpResponse } from '../../network/http-client.js';
import type { RemoteOptions, RemoteStat } from '../transport.js';
import { parseContentRange } from './content-range.js';
import { strongTag } from './entity-tag.js';
import { propfind } from './http-list.js';
import type { HttpSession } from './http-session.js';
import { statusError } from './http-status.js';
import { readMultistatus } from './multistatus.js';

/** A redirect to the same path with a slash is how web servers say "folder". */
const MOVED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const ABSENT: ReadonlySet<number> = new Set([404, 410]);
/** What a HEAD meets where only GET is allowed: by a presigned URL, by a small server. */
const NO_HEAD: ReadonlySet<number> = new Set([400, 403, 405, 501]);

/** What the server knows of `path`: by HEAD, by a GET of one byte where HEAD is not allowed, by PROPFIND for folders. Undefined when it is not there. */
export async function statHttp(session: HttpSession, path: string, { signal }: RemoteOptions): Promise<RemoteStat | undefined> {
  const first = await session.request({ method: 'HEAD', path, redirects: 0, signal });
  await first.discard();
  if (MOVED.has(first.status) && leadsToFolder(first, path)) return { kind: 'folder' };
  const answer = MOVED.has(first.status) ? await session.request({ method: 'HEAD', path, signal }) : first;
  await answer.discard();
  if (ABSENT.has(answer.status)) return undefined;
  // A page made for a folder has neither tag nor time; a server without index pages forbids it.
  const unsure = path.endsWith('/') || (answer.status === 200 && !answer.headers.has('etag') && !answer.headers.has('last-modified') && isPage(answer));
  const known = unsure && !session.isSigned(path) ? await statDav(session, path, { signal }) : undefined;
  if (known !== undefined) return known;
  if (answer.status === 200) return path.endsWith('/') ? { kind: 'folder' } : { kind: 'file', ...sizeOf(answer.headers.get('content-length')), ...stampsOf(answer) };
  if (path.endsWith('/') && answer.status === 403) return { kind: 'folder' };
  if (NO_HEAD.has(answer.status)) return statByByte(session, path, { signal });
  throw statusError(answer.status, { host: session.host, path, doing: 'asking for it' });
}

async function statByByte(session: HttpSession, path: string, { signal }: RemoteOptions): Promise<RemoteStat | undefined> {
  const answer = await session.request({ method: 'GET', path, headers: { range: 'bytes=0-0' }, signal });
  await answer.discard();
  if (ABSENT.has(answer.status)) return undefined;
  const total = parseContentRange(answer.headers.get('content-range'))?.total;
  if (answer.status === 206) return { kind: 'file', ...(total !== undefined && { size: total }), ...stampsOf(answer) };
  if (answer.status === 200) return { kind: 'file', ...sizeOf(answer.headers.get('content-length')), ...stampsOf(answer) };
  // An empty file has no first byte.
  if (answer.status === 416) return { kind: 'file', size: 0, ...stampsOf(answer) };
  throw statusError(answer.status, { host: session.host, path, doing: 'asking for it' });
}

async function statDav(session: HttpSession, path: string, options: RemoteOptions): Promise<RemoteStat | undefined> {
  const answer = await propfind(session, path, 0, options).catch((error: unknown) => {
    // Cut by a firewall, perhaps, which lets only GET and HEAD through.
    if (!isImgkitError(error, 'network-failed')) throw error;
  });
  if (answer?.status !== 207) {
    await answer?.discard();
    return undefined;
  }
  for (const { stat } of readMultistatus(await answer.text(), `${session.host}${path}`)) return stat;
  return undefined;
}

/** The kinds that a listing can have. */
function isPage({ headers }: HttpResponse): boolean {
  return /^(?:text\/html|application\/json)\b/i.test(headers.get('content-type') ?? '');
}

function leadsToFolder({ headers, url }: HttpResponse, path: string): boolean {
  const location = headers.get('location') ?? '';
  return !path.endsWith('/') && URL.canParse(location, url) && new URL(location, url).pathname === `${new URL(url).pathname}/`;
}

function sizeOf(text: string | undefined): { readonly size?: number } {
  return text !== undefined && /^\d{1,15}$/.test(text) ? { size: Number(text) } : {};
}

function stampsOf({ headers }: HttpResponse): { readonly modified?: Date; readonly version?: string } {
  const modified = new Date(headers.get('last-modified') ?? '');
  const version = strongTag(headers.get('etag'));
  return { ...(!Number.isNaN(modified.getTime()) && { modified }), ...(version !== undefined && { version }) };
}
