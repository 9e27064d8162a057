import { ImgkitError, isImgkitError } from '../../errors.js';
import { REMOTE_LIMITS } from '../../limits.js';
import type { HttpResponse } from '../../network/http-client.js';
import type { RemoteEntry, RemoteOptions, RemoteStat } from '../transport.js';
import { readFolderIndex } from './folder-index.js';
import type { HttpSession } from './http-session.js';
import { statusError } from './http-status.js';
import { PROPFIND_BODY, readMultistatus } from './multistatus.js';
import { nameBelow } from './name-below.js';

/** What servers without WebDAV say to a PROPFIND; 403 where a method must be allowed by name, 404 where each has its own paths. */
const NO_DAV: ReadonlySet<number> = new Set([400, 403, 404, 405, 501]);

/** A WebDAV request about a folder (`path` ends with `/`) and, at depth 1, what is in it. */
export function propfind(session: HttpSession, path: string, depth: 0 | 1, { signal }: RemoteOptions): Promise<HttpResponse> {
  return session.request({ method: 'PROPFIND', path, headers: { depth: String(depth), 'content-type': 'application/xml; charset=utf-8' }, body: Buffer.from(PROPFIND_BODY), signal });
}

/**
 * The names in a folder: by WebDAV, else from the page that a web server makes of it. Throws `location-unsupported` when there
 * is neither, `limit-exceeded` for an endless one, `file-not-found`, `remote-refused`.
 */
export async function listHttp(session: HttpSession, path: string, options: RemoteOptions): Promise<readonly RemoteEntry[]> {
  const folder = path.endsWith('/') ? path : `${path}/`;
  const url = session.urlOf(folder);
  const response = await propfind(session, folder, 1, options).catch((error: unknown) => {
    // A firewall that lets only GET and HEAD through may cut the connection instead of an answer.
    if (!isImgkitError(error, 'network-failed')) throw error;
  });
  if (response?.status === 207) return bounded(fromMultistatus(await response.text(REMOTE_LIMITS.listingBytes), url, `${session.host}${folder}`), session, folder);
  await response?.discard();
  if (response !== undefined && !NO_DAV.has(response.status)) throw statusError(response.status, { host: session.host, path: folder, doing: 'listing it' });
  return bounded(await listPage(session, folder, url, options), session, folder);
}

async function listPage(session: HttpSession, folder: string, url: string, { signal }: RemoteOptions): Promise<readonly RemoteEntry[]> {
  const page = await session.request({ method: 'GET', path: folder, headers: { accept: 'application/json, text/html;q=0.9' }, signal });
  if (page.status === 404) {
    await page.discard();
    throw statusError(404, { host: session.host, path: folder, doing: 'listing it' });
  }
  const type = page.headers.get('content-type') ?? '';
  // Whatever else is there, an archive of gigabytes maybe, is not read to find out that it is no listing.
  const entries = page.status === 200 && /^(?:application\/json|text\/html)\b/i.test(type) ? readFolderIndex(await page.text(REMOTE_LIMITS.listingBytes), type, url) : undefined;
  await page.discard();
  if (entries === undefined) throw new ImgkitError('location-unsupported', `${session.host}: the server lists no folders (no WebDAV, no index page at ${folder}); name the file itself.`, { file: `${session.host}${folder}` });
  return entries;
}

function* fromMultistatus(text: string, url: string, where: string): Generator<RemoteEntry, void, undefined> {
  let alone: RemoteStat | undefined;
  let responses = 0;
  for (const { href, stat } of readMultistatus(text, where)) {
    const name = nameBelow(href, url);
    alone = (responses += 1) === 1 && name === undefined ? stat : undefined;
    if (name !== undefined) yield { name, ...stat };
  }
  // nginx takes no offence at a file with a slash behind it.
  if (alone?.kind === 'file' && alone.size !== undefined) throw new ImgkitError('location-unsupported', `${where}: is a file, not a folder; leave out the / at its end.`, { file: where });
}

function bounded(found: Iterable<RemoteEntry>, session: HttpSession, folder: string): readonly RemoteEntry[] {
  const entries: RemoteEntry[] = [];
  for (const entry of found) {
    if (entries.length >= REMOTE_LIMITS.entries) throw new ImgkitError('limit-exceeded', `${session.host}${folder}: more than ${REMOTE_LIMITS.entries} names in one folder; name a smaller one.`, { file: `${session.host}${folder}` });
    entries.push(entry);
  }
  return entries;
}
