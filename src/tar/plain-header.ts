import { BLOCK } from './block.js';
import type { TarHeaderFields } from './encode-header.js';
import { octalMax } from './numeric.js';

/** Bytes of the field `name` of a ustar header, and of `prefix`. */
const NAME = 100;
const PREFIX = 155;
const LINK_AT = 157;
const OWNER = 31;
/** What 7 and 11 octal digits hold. */
const SHORT_MAX = octalMax(8);
const LONG_MAX = octalMax(12);
/** Headers are cut from one piece of memory: an allocation for each takes longer than to fill it. */
const SLAB = 128 * BLOCK;
const MAGIC = Buffer.from('ustar\x0000', 'latin1');

let slab = Buffer.alloc(0);

/**
 * True when one block holds all of `fields`, and they are plain: ASCII, of a size that the fields hold, without attributes. Nearly all
 * entries are. `path` is the name as it is written. False says nothing: more may fit.
 */
export function isPlain(fields: TarHeaderFields, path: string): boolean {
  const { linkPath = '', uname = '', gname = '', mtime, xattrs, pax } = fields;
  if (xattrs !== undefined && xattrs.size > 0) return false;
  if (pax !== undefined && pax.size > 0) return false;
  if (mtime !== undefined && (mtime.nanoseconds !== 0 || !isWithin(mtime.seconds, LONG_MAX))) return false;
  if (!isWithin(fields.size ?? 0, LONG_MAX) || !isWithin(fields.uid ?? 0, SHORT_MAX) || !isWithin(fields.gid ?? 0, SHORT_MAX)) return false;
  if (linkPath.length > NAME || uname.length > OWNER || gname.length > OWNER) return false;
  if (path.length > NAME && prefixOf(path) === 0) return false;
  return isAscii(path) && isAscii(linkPath) && isAscii(uname) && isAscii(gname);
}

/** The block for `fields`, which are plain and were checked. The bytes that `encodeHeader` would give. */
export function plainHeader(fields: TarHeaderFields, path: string, flag: string, mode: number): Buffer {
  if (slab.length === 0) slab = Buffer.alloc(SLAB);
  const block = slab.subarray(0, BLOCK);
  slab = slab.subarray(BLOCK);
  const prefix = path.length <= NAME ? 0 : prefixOf(path);
  let sum = 8 * 0x20 + flag.charCodeAt(0);
  if (prefix > 0) sum += put(block, 345, path, 0, prefix);
  sum += put(block, 0, path, prefix === 0 ? 0 : prefix + 1, path.length);
  sum += octal(block, 100, 8, mode) + octal(block, 108, 8, fields.uid ?? 0) + octal(block, 116, 8, fields.gid ?? 0);
  sum += octal(block, 124, 12, fields.size ?? 0) + octal(block, 136, 12, fields.mtime?.seconds ?? 0);
  block[156] = flag.charCodeAt(0);
  const { linkPath = '', uname = '', gname = '' } = fields;
  sum += put(block, LINK_AT, linkPath, 0, linkPath.length) + put(block, 265, uname, 0, uname.length) + put(block, 297, gname, 0, gname.length);
  for (let i = 0; i < MAGIC.length; i++) sum += block[257 + i] = MAGIC[i] as number;
  sum += octal(block, 329, 8, fields.devMajor ?? 0) + octal(block, 337, 8, fields.devMinor ?? 0);
  octal(block, 148, 7, sum);
  block[155] = 0x20;
  return block;
}

/** Characters of `path` that go to the prefix: up to the last slash that leaves a name which is not empty; 0 where that does not fit. */
function prefixOf(path: string): number {
  const slash = path.lastIndexOf('/', Math.min(PREFIX, path.length - 2));
  return slash <= 0 || path.length - slash - 1 > NAME ? 0 : slash;
}

function isWithin(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Writes `text[from..to)` to `at`; returns the sum of the bytes. */
function put(block: Buffer, at: number, text: string, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += block[at + i - from] = text.charCodeAt(i);
  return sum;
}

/** Writes `value` as `length - 1` octal digits; the byte after them stays NUL. Returns the sum of the digits. */
function octal(block: Buffer, at: number, length: number, value: number): number {
  let sum = 0;
  let left = value;
  for (let i = at + length - 2; i >= at; i--) {
    const higher = Math.floor(left / 8);
    sum += block[i] = 0x30 + left - higher * 8;
    left = higher;
  }
  return sum;
}
