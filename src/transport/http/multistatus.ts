import type { RemoteStat } from '../transport.js';
import { strongTag } from './entity-tag.js';
import { xmlEvents } from './xml-events.js';

/** One `response` of a multistatus document (RFC 4918, section 14.24): an address at the server and what it says of it. */
export interface DavResponse {
  /** As sent: a path or URL, percent-encoded. */
  readonly href: string;
  readonly stat: RemoteStat;
}

/** What a PROPFIND should ask for. */
export const PROPFIND_BODY = '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/><getetag/></prop></propfind>\n';

const FIELDS: ReadonlySet<string> = new Set(['{DAV:}href', '{DAV:}status', '{DAV:}getcontentlength', '{DAV:}getlastmodified', '{DAV:}getetag']);

/** Reads a multistatus document; properties that the server did not find (a `propstat` whose status is not 2xx) do not count. Throws `network-failed`. */
export function* readMultistatus(text: string, where: string): Generator<DavResponse, void, undefined> {
  const path: string[] = [];
  let response = new Map<string, string>();
  let found = new Map<string, string>();
  let field = '';
  for (const event of xmlEvents(text, where)) {
    if (event.kind === 'text') {
      field += event.text;
      continue;
    }
    const { name } = event;
    if (event.kind === 'open') {
      path.push(name);
      field = '';
      if (name === '{DAV:}response') response = new Map();
      if (name === '{DAV:}propstat') found = new Map();
      if (name === '{DAV:}collection' && path.at(-2) === '{DAV:}resourcetype') found.set(name, '');
      continue;
    }
    path.pop();
    const within = path.at(-1);
    if (FIELDS.has(name)) {
      // An href may also stand in a property (a lock's root): only that of the response itself is its address.
      if (within === '{DAV:}response') response.set(name, field.trim());
      if (within === '{DAV:}propstat' || within === '{DAV:}prop') found.set(name, field.trim());
    }
    if (name === '{DAV:}propstat' && /^HTTP\/[\d.]+ 2\d\d/.test(found.get('{DAV:}status') ?? 'HTTP/1.1 200')) for (const entry of found) response.set(...entry);
    const href = response.get('{DAV:}href');
    if (name === '{DAV:}response' && href !== undefined) yield { href, stat: statOf(response) };
  }
}

function statOf(fields: ReadonlyMap<string, string>): RemoteStat {
  const size = fields.get('{DAV:}getcontentlength');
  const modified = new Date(fields.get('{DAV:}getlastmodified') ?? '');
  const times = Number.isNaN(modified.getTime()) ? {} : { modified };
  if (fields.has('{DAV:}collection')) return { kind: 'folder', ...times };
  const version = strongTag(fields.get('{DAV:}getetag'));
  return { kind: 'file', ...(size !== undefined && /^\d{1,15}$/.test(size) && { size: Number(size) }), ...times, ...(version !== undefined && { version }) };
}
