import { isAscii, isUtf8 } from 'node:buffer';
import type { TarHeaderFields } from './encode-header.js';
import { octalMax } from './numeric.js';
import type { TarTime } from './tar-entry.js';
import { encodeText } from './text.js';

/** How an entry is divided between its pax records and its ustar header. */
export interface Overflow {
  /** In the order they are written; empty when the header holds everything. */
  readonly records: readonly (readonly [key: string, value: string | Uint8Array])[];
  readonly inHeader: {
    readonly name: Buffer;
    readonly prefix: Buffer;
    readonly link: Buffer;
    readonly uname: Buffer;
    readonly gname: Buffer;
    readonly uid: number;
    readonly gid: number;
    readonly size: number;
    /** Whole seconds. */
    readonly mtime: number;
    readonly devMajor: number;
    readonly devMinor: number;
  };
}

const OWN_KEYS = new Set(['path', 'linkpath', 'size', 'uid', 'gid', 'uname', 'gname', 'mtime', 'hdrcharset']);

/** True for the pax keys that stand for a field of the entry, or say how one is written. */
export function isOwnKey(key: string): boolean {
  return OWN_KEYS.has(key) || key.startsWith('SCHILY.xattr.');
}

/** Puts into pax records what ustar fields cannot hold: too long, too large, UTF-8 beyond ASCII, fractions, attributes. */
export function paxRecordsOf(fields: TarHeaderFields): Overflow {
  const records: (readonly [string, string | Uint8Array])[] = [];
  const text = (key: string, value: string, room: number): Buffer => {
    const bytes = encodeText(value);
    if (bytes.length <= room && fitsHeader(bytes)) return bytes;
    // Readers that convert names refuse what is not UTF-8 unless they are told (POSIX pax, "hdrcharset").
    if (!isUtf8(bytes) && records[0]?.[0] !== 'hdrcharset') records.unshift(['hdrcharset', 'BINARY']);
    records.push([key, bytes]);
    return substitute(bytes).subarray(0, room);
  };
  const number = (key: string, value: number, length: number): number => {
    if (value <= octalMax(length)) return value;
    records.push([key, String(value)]);
    return 0;
  };
  const split = splitPath(encodeText(fields.path));
  const { name, prefix } = split ?? { name: text('path', fields.path, 100), prefix: Buffer.alloc(0) };
  const link = text('linkpath', fields.linkPath ?? '', 100);
  const size = fields.singleHeader === true ? (fields.size ?? 0) : number('size', fields.size ?? 0, 12);
  const uid = number('uid', fields.uid ?? 0, 8);
  const gid = number('gid', fields.gid ?? 0, 8);
  // One byte less than the field, for the NUL that POSIX asks for.
  const uname = text('uname', fields.uname ?? '', 31);
  const gname = text('gname', fields.gname ?? '', 31);
  const mtime = fields.mtime ?? { seconds: 0, nanoseconds: 0 };
  const plain = mtime.nanoseconds === 0 && mtime.seconds >= 0 && mtime.seconds <= octalMax(12);
  if (!plain) records.push(['mtime', formatTime(mtime)]);
  for (const [key, value] of sorted(fields.xattrs)) records.push([`SCHILY.xattr.${key}`, value]);
  for (const [key, value] of sorted(fields.pax)) records.push([key, value]);
  return {
    records,
    inHeader: {
      name, prefix, link, size, uid, gid, uname, gname,
      mtime: plain || (mtime.seconds >= 0 && mtime.seconds <= octalMax(12)) ? mtime.seconds : 0,
      devMajor: fields.devMajor ?? 0,
      devMinor: fields.devMinor ?? 0,
    },
  };
}

/** `path` as ustar name and prefix, or undefined when it does not fit or must be told apart as UTF-8. */
function splitPath(path: Buffer): { name: Buffer; prefix: Buffer } | undefined {
  if (!fitsHeader(path)) return undefined;
  if (path.length <= 100) return { name: path, prefix: Buffer.alloc(0) };
  // The last slash that leaves a name which is not empty, and a prefix of 155 bytes at most.
  const slash = path.lastIndexOf(0x2f, Math.min(155, path.length - 2));
  if (slash <= 0 || path.length - slash - 1 > 100) return undefined;
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) };
}

/** ASCII; or bytes that are no text in UTF-8, which every reader takes from a header as they are. */
function fitsHeader(bytes: Buffer): boolean {
  return isAscii(bytes) || !isUtf8(bytes);
}

/** ASCII for readers that know no pax. */
function substitute(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte < 0x80 ? byte : 0x3f)));
}

function sorted<T>(map: ReadonlyMap<string, T> | undefined): [string, T][] {
  return [...(map ?? [])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function formatTime({ seconds, nanoseconds }: TarTime): string {
  if (nanoseconds === 0) return String(seconds);
  // Before 1970 the fraction is counted backwards: -2 s + 0.75 s is written -1.25.
  const [sign, whole, part] = seconds < 0 ? ['-', -seconds - 1, 1e9 - nanoseconds] : ['', seconds, nanoseconds];
  return `${sign}${whole}.${String(part).padStart(9, '0').replace(/0+$/, '')}`;
}
