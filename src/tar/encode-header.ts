import { ImgkitError } from '../errors.js';
import { BLOCK, blockSum, paddingOf } from './block.js';
import { formatOctal, formatSize, octalMax } from './numeric.js';
import { formatPaxRecords } from './pax.js';
import { isPlain, plainHeader } from './plain-header.js';
import { isOwnKey, paxRecordsOf, type Overflow } from './pax-overflow.js';
import type { TarEntryType, TarTime } from './tar-entry.js';
import { printable } from './text.js';

/** What a header is made of; every default gives the same bytes on every machine. */
export interface TarHeaderFields {
  readonly path: string;
  /** Default `file`. */
  readonly type?: TarEntryType | undefined;
  /** Bytes of the body; default 0, which everything but a file must have. */
  readonly size?: number | undefined;
  /** Default 0644, for folders 0755. */
  readonly mode?: number | undefined;
  /** Default 0. */
  readonly uid?: number | undefined;
  /** Default 0. */
  readonly gid?: number | undefined;
  /** Default empty. */
  readonly uname?: string | undefined;
  /** Default empty. */
  readonly gname?: string | undefined;
  /** Default 1970-01-01T00:00:00Z. */
  readonly mtime?: TarTime | undefined;
  readonly linkPath?: string | undefined;
  readonly devMajor?: number | undefined;
  readonly devMinor?: number | undefined;
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Further pax records. */
  readonly pax?: ReadonlyMap<string, string> | undefined;
  /** Exactly one block, without pax: a size of 8 GiB or more is written in GNU base-256. Default false. */
  readonly singleHeader?: boolean | undefined;
}

const SHORT_MAX = octalMax(8);

const FLAGS: Record<TarEntryType, string> = {
  file: '0', hardlink: '1', symlink: '2', 'character-device': '3', 'block-device': '4', directory: '5', fifo: '6',
};

/**
 * The header blocks of one entry: POSIX ustar, preceded by a pax extended header when a value does not fit or is not
 * ASCII. Deterministic. A folder's name gets its trailing `/`. Throws `usage` on values that no header can hold.
 */
export function encodeHeader(fields: TarHeaderFields): Uint8Array {
  const type = fields.type ?? 'file';
  check(fields, type);
  const path = writtenPath(fields.path, type);
  const mode = fields.mode ?? (type === 'directory' ? 0o755 : 0o644);
  if (isPlain(fields, path)) return plainHeader(fields, path, FLAGS[type], mode);
  const { records, inHeader } = paxRecordsOf({ ...fields, path });
  if (fields.singleHeader === true && records.length > 0) throw refusal(fields.path, 'does not fit one header block');
  const main = block(inHeader, FLAGS[type], mode);
  if (records.length === 0) return main;
  const body = formatPaxRecords(records);
  const base = inHeader.name.subarray(-80);
  const name = Buffer.concat([Buffer.from('PaxHeaders/'), base.at(-1) === 0x2f ? base.subarray(0, -1) : base]);
  const empty = Buffer.alloc(0);
  const header = block({ name, prefix: empty, link: empty, uname: empty, gname: empty, uid: 0, gid: 0, size: body.length, mtime: 0, devMajor: 0, devMinor: 0 }, 'x', 0o644);
  return Buffer.concat([header, body, Buffer.alloc(paddingOf(body.length)), main]);
}

/** Bytes that {@link encodeHeader} gives for the same fields. */
export function headerSize(fields: TarHeaderFields): number {
  const path = writtenPath(fields.path, fields.type ?? 'file');
  if (isPlain(fields, path)) return BLOCK;
  const { records } = paxRecordsOf({ ...fields, path });
  if (records.length === 0) return BLOCK;
  const body = formatPaxRecords(records).length;
  return 2 * BLOCK + body + paddingOf(body);
}

function writtenPath(path: string, type: TarEntryType): string {
  return type === 'directory' && !path.endsWith('/') ? `${path || '.'}/` : path;
}

function block(fields: Overflow['inHeader'], flag: string, mode: number): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  fields.name.copy(bytes, 0);
  formatOctal(bytes, 100, 8, mode);
  formatOctal(bytes, 108, 8, fields.uid);
  formatOctal(bytes, 116, 8, fields.gid);
  formatSize(bytes, 124, 12, fields.size);
  formatOctal(bytes, 136, 12, fields.mtime);
  bytes.write('        ', 148, 'latin1');
  bytes.write(flag, 156, 'latin1');
  fields.link.copy(bytes, 157);
  bytes.write('ustar\x0000', 257, 'latin1');
  fields.uname.copy(bytes, 265);
  fields.gname.copy(bytes, 297);
  formatOctal(bytes, 329, 8, fields.devMajor);
  formatOctal(bytes, 337, 8, fields.devMinor);
  fields.prefix.copy(bytes, 345);
  formatOctal(bytes, 148, 7, blockSum(bytes, 0));
  return bytes;
}

function check(fields: TarHeaderFields, type: TarEntryType): void {
  const { path, size = 0, mode = 0, uid = 0, gid = 0, devMajor = 0, devMinor = 0, linkPath = '' } = fields;
  const refuse = (problem: string): Error => refusal(path, problem);
  if (path === '' && type !== 'directory') throw refuse('has no name');
  if (path.includes('\0') || linkPath.includes('\0') || fields.uname?.includes('\0') === true || fields.gname?.includes('\0') === true) throw refuse('has NUL in a name');
  if (path.endsWith('/') && type !== 'directory') throw refuse(`ends in "/" but is a ${type}`);
  if (!isCount(size) || !isCount(uid) || !isCount(gid)) throw refuse(`has the number ${[size, uid, gid].find((number) => !isCount(number))}`);
  if (!isShort(mode) || !isShort(devMajor) || !isShort(devMinor)) throw refuse(`has the mode or device number ${[mode, devMajor, devMinor].find((number) => !isShort(number))}`);
  if (size !== 0 && type !== 'file') throw refuse(`is a ${type} with a size`);
  if ((linkPath !== '') !== (type === 'symlink' || type === 'hardlink')) throw refuse(linkPath === '' ? 'is a link without a target' : `is a ${type} with a link target`);
  const { seconds, nanoseconds } = fields.mtime ?? { seconds: 0, nanoseconds: 0 };
  if (fields.pax !== undefined) for (const key of fields.pax.keys()) if (isOwnKey(key)) throw refuse(`has a pax record "${printable(key)}" that one of its fields stands for`);
  if (!Number.isSafeInteger(seconds) || !Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999) throw refuse('has an impossible time');
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

/** Whether a field of eight bytes holds it. */
function isShort(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= SHORT_MAX;
}

function refusal(path: string, problem: string): Error {
  return new ImgkitError('usage', `The entry "${printable(path)}" ${problem}; a tar cannot hold that.`, { entry: path });
}
