import { ImgkitError } from '../../errors.js';

/** What an XML document consists of, in order. Names are `{namespace}local`. */
export type XmlEvent =
  | { readonly kind: 'open'; readonly name: string }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const DEEPEST = 64;
const NAME = '[A-Za-z_][\\w.-]{0,99}';
const OPEN = new RegExp(`<(${NAME}(?::${NAME})?)((?:\\s+${NAME}(?::${NAME})?\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>`, 'y');
const CLOSE = new RegExp(`</(${NAME}(?::${NAME})?)\\s*>`, 'y');
const ATTRIBUTE = new RegExp(`(${NAME}(?::${NAME})?)\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g');
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

interface Scope {
  readonly tag: string;
  readonly name: string;
  readonly spaces: ReadonlyMap<string, string>;
}

/** Namespaces in force at one element. */
const MOST_SPACES = 64;

/**
 * Reads XML with namespaces as WebDAV servers write it, strictly: one root, tags that match, no document type (so no entities
 * but the five of XML itself, and nothing is loaded or multiplied), no prefix without a namespace, 64 levels at most.
 * Throws `network-failed`, naming `where`.
 */
export function* xmlEvents(text: string, where: string): Generator<XmlEvent, void, undefined> {
  const scopes: Scope[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let roots = 0;
  const fail = (problem: string): ImgkitError => new ImgkitError('network-failed', `${where}: the server's listing is no XML that can be trusted (${problem} at character ${at}); is this a WebDAV server?`, { file: where, offset: at });
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found !== undefined) at += found[0].length;
    return found;
  };
  const between = (start: string, end: string): string | undefined => {
    if (!text.startsWith(start, at)) return undefined;
    const close = text.indexOf(end, at + start.length);
    if (close === -1) throw fail('no end');
    const inner = text.slice(at + start.length, close);
    at = close + end.length;
    return inner;
  };
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      const raw = text.slice(at, end === -1 ? text.length : end);
      if (scopes.length > 0) yield { kind: 'text', text: decodeText(raw, fail) };
      else if (raw.trim() !== '') throw fail('text outside of the root');
      at += raw.length;
      continue;
    }
    // Comments and processing instructions mean nothing here.
    if (between('<!--', '-->') !== undefined || between('<?', '?>') !== undefined) continue;
    const data = between('<![CDATA[', ']]>');
    if (data !== undefined) {
      if (scopes.length === 0) throw fail('text outside of the root');
      yield { kind: 'text', text: data };
      continue;
    }
    const close = match(CLOSE);
    if (close !== undefined) {
      const scope = scopes.pop();
      if (scope === undefined || scope.tag !== close[1]) throw fail('an end tag that matches nothing');
      yield { kind: 'close', name: scope.name };
      continue;
    }
    const open = match(OPEN);
    if (open === undefined) throw fail(text.startsWith('<!', at) ? 'a document type' : 'a malformed tag');
    const [, tag = '', attributes = '', empty = ''] = open;
    if (scopes.length === 0 && (roots += 1) > 1) throw fail('a second root');
    if (scopes.length >= DEEPEST) throw fail('too many levels');
    const spaces = namespaces(attributes, scopes.at(-1)?.spaces ?? new Map(), fail);
    const name = expand(tag, spaces, fail);
    yield { kind: 'open', name };
    if (empty === '/') yield { kind: 'close', name };
    else scopes.push({ tag, name, spaces });
  }
  if (scopes.length > 0 || roots === 0) throw fail('no end');
}

function namespaces(attributes: string, outer: ReadonlyMap<string, string>, fail: (problem: string) => Error): ReadonlyMap<string, string> {
  if (!attributes.includes('xmlns')) return outer;
  const spaces = new Map(outer);
  for (const [, name = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    // Each element with one of its own copies them all.
    if (spaces.size >= MOST_SPACES) throw fail('more namespaces than any server uses');
    if (name === 'xmlns' || name.startsWith('xmlns:')) spaces.set(name.slice('xmlns:'.length), decodeText(double ?? single ?? '', fail));
  }
  return spaces;
}

function expand(tag: string, spaces: ReadonlyMap<string, string>, fail: (problem: string) => Error): string {
  const [prefix, local] = tag.includes(':') ? tag.split(':') as [string, string] : ['', tag];
  const space = spaces.get(prefix) ?? (prefix === '' ? '' : undefined);
  if (space === undefined) throw fail('a prefix without a namespace');
  return `{${space}}${local}`;
}

function decodeText(raw: string, fail: (problem: string) => Error): string {
  if (!raw.includes('&')) return raw;
  return raw.replaceAll(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{1,8}));?|&/g, (all, hex?: string, decimal?: string, name?: string) => {
    const code = hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : undefined;
    const text = code === undefined ? ENTITIES[name ?? ''] : code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
    if (text === undefined || !all.endsWith(';')) throw fail('an unknown entity');
    return text;
  });
}
