import { malformed, type TarPlace } from './fault.js';
import type { PaxRecord } from './pax.js';
import type { TarTime } from './tar-entry.js';
import { decodeText, printable } from './text.js';

/** What a pax header says about its entry; a field that it does not mention is undefined. */
export interface PaxAttributes {
  path?: string;
  linkPath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  uname?: string;
  gname?: string;
  mtime?: TarTime;
  xattrs?: Map<string, Uint8Array>;
  /** `GNU.sparse.name`, the real name of a sparse file. */
  sparseName?: string;
  /** `GNU.sparse.realsize` or `GNU.sparse.size`. */
  sparseSize?: number;
  sparse?: true;
  /** All that `GNU.sparse.map`, `offset` and `numbytes` say, in their order. */
  sparseMap?: string;
  rest?: Map<string, string>;
}

const XATTR = 'SCHILY.xattr.';
const SPARSE = 'GNU.sparse.';
/** Sparse format 0.0 repeats these; every other key may stand once. */
const REPEATED = new Set(['GNU.sparse.offset', 'GNU.sparse.numbytes']);
const SPARSE_MAP = new Set([...REPEATED, 'GNU.sparse.map']);
/** Readers disagree on whether a global header sets these, so it may not. */
const NEVER_GLOBAL = new Set(['path', 'linkpath', 'size', 'uid', 'gid', 'hdrcharset']);

/**
 * Interprets the records of one `x` header (or `g`, with `scope` global). Rejects a key given twice, an
 * empty or non-decimal number, NUL in names, and in a global header everything that changes name, size,
 * owner, attributes or sparseness. Throws `tar-malformed`.
 */
export function attributesOf(records: readonly PaxRecord[], scope: 'entry' | 'global', place: TarPlace): PaxAttributes {
  const seen = new Set<string>();
  const attributes: PaxAttributes = {};
  for (const { key, value } of records) {
    if (seen.has(key) && !REPEATED.has(key)) throw malformed(place, `the pax header gives "${shown(key)}" twice`);
    seen.add(key);
    if (scope === 'global' && (NEVER_GLOBAL.has(key) || key.startsWith(XATTR) || key.startsWith(SPARSE))) {
      throw malformed(place, `a global pax header sets "${shown(key)}", which only an entry's own header may`);
    }
    assign(attributes, key, value, place);
  }
  return attributes;
}

function assign(to: PaxAttributes, key: string, value: Buffer, place: TarPlace): void {
  switch (key) {
    case 'path': to.path = name(key, value, place); return;
    case 'linkpath': to.linkPath = name(key, value, place); return;
    case 'size': to.size = decimal(key, value, place); return;
    case 'uid': to.uid = decimal(key, value, place); return;
    case 'gid': to.gid = decimal(key, value, place); return;
    case 'uname': to.uname = text(key, value, place); return;
    case 'gname': to.gname = text(key, value, place); return;
    case 'mtime': to.mtime = time(key, value, place); return;
    // Names are kept byte for byte whatever it says.
    case 'hdrcharset': return;
  }
  if (key.startsWith(XATTR)) {
    if (key === XATTR) throw malformed(place, 'the pax header has an extended attribute without a name');
    // A copy: the parsed bytes may be a window that is about to be reused.
    (to.xattrs ??= new Map()).set(key.slice(XATTR.length), new Uint8Array(value));
    return;
  }
  if (key.startsWith(SPARSE)) {
    to.sparse = true;
    if (SPARSE_MAP.has(key)) to.sparseMap = `${to.sparseMap ?? ''}${value.toString('latin1')},`;
    if (key === 'GNU.sparse.name') to.sparseName = name(key, value, place);
    if (key === 'GNU.sparse.realsize' || key === 'GNU.sparse.size') to.sparseSize = decimal(key, value, place);
  }
  (to.rest ??= new Map()).set(key, decodeText(value));
}

function shown(key: string): string {
  return printable(key.slice(0, 100));
}

function text(key: string, value: Buffer, place: TarPlace): string {
  if (value.includes(0)) throw malformed(place, `the pax value of "${key}" holds NUL`);
  return decodeText(value);
}

function name(key: string, value: Buffer, place: TarPlace): string {
  if (value.length === 0) throw malformed(place, `the pax value of "${key}" is empty`);
  return text(key, value, place);
}

function decimal(key: string, value: Buffer, place: TarPlace): number {
  const digits = value.toString('latin1');
  const number = /^[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw malformed(place, `the pax value of "${key}" is not a whole number below 2^53`);
  return number;
}

function time(key: string, value: Buffer, place: TarPlace): TarTime {
  const match = /^(-?)([0-9]{1,16})(?:\.([0-9]*))?$/.exec(value.toString('latin1'));
  const whole = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(whole)) throw malformed(place, `the pax value of "${key}" is not a time in seconds`);
  const nanoseconds = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  if (match[1] === '') return { seconds: whole, nanoseconds };
  return nanoseconds === 0 ? { seconds: whole === 0 ? 0 : -whole, nanoseconds } : { seconds: -whole - 1, nanoseconds: 1e9 - nanoseconds };
}
