import { parseJson, type JsonValue } from '../../content/json.js';
import { DEFAULT_LIMITS } from '../../limits.js';
import type { RemoteEntry, RemoteStat } from '../transport.js';
import { isRemoteName } from '../../network/remote-path.js';
import { nameBelow } from './name-below.js';

const TITLE = /<title>\s*(?:Index of|Directory listing for)\b/i;
const LINK = /<a\s[^<>]{0,2000}?href\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/gi;

/**
 * The entries of a folder's page as web servers make them: nginx's and Caddy's JSON, and the HTML of nginx, Apache, lighttpd
 * and Python, which has names but no sizes. Undefined when it is no such page.
 */
export function readFolderIndex(text: string, contentType: string, folderUrl: string): readonly RemoteEntry[] | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return fromJson(text, folderUrl);
  if (type === 'text/html' && TITLE.test(text.slice(0, 4096))) return fromHtml(text, folderUrl);
  return undefined;
}

function fromJson(text: string, where: string): readonly RemoteEntry[] | undefined {
  const value = parseJson(Buffer.from(text), where, DEFAULT_LIMITS);
  return Array.isArray(value) ? value.flatMap((item: JsonValue) => (item instanceof Map ? entryOf(item) : [])) : undefined;
}

function entryOf(item: ReadonlyMap<string, JsonValue>): readonly RemoteEntry[] {
  const [name, size, modified] = [item.get('name'), item.get('size'), new Date(String(item.get('mtime') ?? item.get('mod_time')))];
  const plain = typeof name === 'string' ? name.replace(/\/$/, '') : '';
  if (!isRemoteName(plain)) return [];
  const folder = item.get('type') === 'directory' || item.get('is_dir') === true;
  const times = Number.isNaN(modified.getTime()) ? {} : { modified };
  const stat: RemoteStat = folder ? { kind: 'folder', ...times } : { kind: 'file', ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 && { size }), ...times };
  return [{ name: plain, ...stat }];
}

function fromHtml(text: string, folderUrl: string): readonly RemoteEntry[] {
  const entries = new Map<string, RemoteEntry>();
  for (const [, double, single] of text.matchAll(LINK)) {
    const href = (double ?? single ?? '').replaceAll('&amp;', '&');
    // Apache's column heads sort by a query.
    const name = href.includes('?') ? undefined : nameBelow(href, folderUrl);
    if (name !== undefined) entries.set(name, { name, kind: href.endsWith('/') ? 'folder' : 'file' });
  }
  return [...entries.values()];
}
