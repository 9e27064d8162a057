import { blockSum, signedBlockSum, wordsOf } from './block.js';
import { isExtension } from './entry-type.js';
import { malformed, type TarPlace } from './fault.js';
import { isBlank, parseNumeric } from './numeric.js';
import { checksumField, octalField12, octalField8 } from './octal-field.js';
import { decodeText } from './text.js';

// The magics, four bytes at a time.
/** `usta` */
const USTA = 0x75737461;
/** `r`, NUL, `00` */
const R_POSIX = 0x72003030;
/** `r`, three NULs */
const R_UNVERSIONED = 0x72000000;
/** `r`, two spaces, NUL */
const R_GNU = 0x72202000;
/** `tar`, NUL: at the end of star's headers */
const TAR = 0x74617200;

/** One header block as it stands, before extensions are applied. */
export interface RawHeader {
  /** `name`, after `prefix/` in a ustar header. */
  readonly path: string;
  /** The type byte; NUL is kept as 0. */
  readonly typeflag: number;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970; may be negative in base-256. */
  readonly mtime: number;
  readonly linkPath: string;
  readonly uname: string;
  readonly gname: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly magic: 'ustar' | 'gnu' | 'v7';
}

/**
 * Parses the 512-byte header at `at` (POSIX.1-2001 ustar, old GNU, or v7) and verifies its checksum, its
 * magic and every number; of an extension header (`x`, `g`, `L`, `K`) only type and size are taken. Throws `tar-malformed`.
 */
export function parseHeader(block: Buffer, at: number, place: TarPlace): RawHeader {
  const words = wordsOf(block);
  const checksum = checksumField(words, at + 148);
  const stored = checksum === -1 ? number(block, at + 148, 8, 'checksum', place) : checksum;
  const blanked = checksumBytes(block, at);
  // Taken as eight spaces in the sum.
  if (stored !== blockSum(block, at) - blanked + 256 && stored !== signedSum(block, at)) {
    throw malformed(place, 'this is no tar header, its checksum does not match');
  }
  const magic = magicOf(block, words, at, place);
  const typeflag = block[at + 156] as number;
  if (isBlank(block, at + 124, 12)) throw malformed(place, 'the size field of the header is blank');
  const size = long(block, words, at + 124, 'size', place);
  // Spelled out, not spread from a constant: one shape for both results is twice as fast.
  if (isExtension(typeflag)) {
    return { path: '', typeflag, size, mode: 0, uid: 0, gid: 0, mtime: 0, linkPath: '', uname: '', gname: '', devMajor: 0, devMinor: 0, magic };
  }
  const device = typeflag === 0x33 || typeflag === 0x34;
  const extended = magic !== 'v7';
  const mtime = octalField12(words, at + 136);
  return {
    path: pathOf(block, at, magic),
    typeflag,
    size,
    mode: short(block, words, at + 100, 'mode', place),
    uid: short(block, words, at + 108, 'uid', place),
    gid: short(block, words, at + 116, 'gid', place),
    mtime: mtime === -1 ? signedNumber(block, at + 136, 12, 'mtime', place) : mtime,
    linkPath: field(block, at + 157, 100),
    uname: extended ? owner(block, at + 265) : '',
    gname: extended ? owner(block, at + 297) : '',
    devMajor: device && extended ? number(block, at + 329, 8, 'device major', place) : 0,
    devMinor: device && extended ? number(block, at + 337, 8, 'device minor', place) : 0,
    magic,
  };
}

function checksumBytes(block: Buffer, at: number): number {
  let sum = 0;
  for (let i = at + 148; i < at + 156; i++) sum += block[i] as number;
  return sum;
}

function signedSum(block: Buffer, at: number): number {
  let stored = 0;
  for (let i = at + 148; i < at + 156; i++) stored += ((block[i] as number) << 24) >> 24;
  return signedBlockSum(block, at) - stored + 256;
}

function magicOf(block: Buffer, words: DataView, at: number, place: TarPlace): RawHeader['magic'] {
  if (words.getInt32(at + 257) === USTA) {
    const rest = words.getInt32(at + 261);
    if (rest === R_POSIX || rest === R_UNVERSIONED) {
      // Joerg Schilling's star has a shorter prefix, so the same bytes give two names.
      if (words.getInt32(at + 508) === TAR) throw malformed(place, 'the header is of the star dialect, whose names are ambiguous');
      return 'ustar';
    }
    if (rest === R_GNU) return 'gnu';
  }
  for (let i = at + 257; i < at + 265; i++) if (block[i] !== 0) throw malformed(place, 'the header has an unknown magic');
  return 'v7';
}

function pathOf(block: Buffer, at: number, magic: RawHeader['magic']): string {
  const prefixed = magic === 'ustar' && block[at + 345] !== 0;
  const name = prefixed ? field(block, at, 100) : field(block, afterDot(block, at), at + 100 - afterDot(block, at));
  return prefixed ? `${field(block, afterDot(block, at + 345), at + 500 - afterDot(block, at + 345))}/${name}` : name;
}

/** `tar -C DIR .` writes `./` before every name. It means nothing, and without it the text need not be cut. */
function afterDot(block: Buffer, at: number): number {
  return block[at] === 0x2e && block[at + 1] === 0x2f && (block[at + 2] as number) > 0x2f ? at + 2 : at;
}

function field(block: Buffer, at: number, length: number): string {
  let end = at;
  let bits = 0;
  for (; end < at + length; end++) {
    const byte = block[end] as number;
    if (byte === 0) break;
    bits |= byte;
  }
  return end === at ? '' : bits > 0x7f ? decodeText(block, at, end) : block.toString('latin1', at, end);
}

let lastOwner = '';

/** User and group names repeat: comparing with the last one is cheaper than decoding. Beyond ASCII, a character's number is not its byte. */
function owner(block: Buffer, at: number): string {
  if (block[at] === 0) return '';
  let i = 0;
  while (i < lastOwner.length && block[at + i] === lastOwner.charCodeAt(i) && (block[at + i] as number) < 0x80) i++;
  if (i !== lastOwner.length || (i < 32 && block[at + i] !== 0)) lastOwner = field(block, at, 32);
  return lastOwner;
}

function signedNumber(block: Buffer, at: number, length: number, what: string, place: TarPlace): number {
  const value = parseNumeric(block, at, length);
  if (Number.isNaN(value)) throw malformed(place, `the ${what} field of the header is not a number that all tar readers agree on`);
  return value;
}

function number(block: Buffer, at: number, length: number, what: string, place: TarPlace): number {
  const value = signedNumber(block, at, length, what, place);
  if (value < 0) throw malformed(place, `the ${what} field of the header is negative`);
  return value;
}

/** A {@link number} in a field of 8 bytes. */
function short(block: Buffer, words: DataView, at: number, what: string, place: TarPlace): number {
  const value = octalField8(words, at);
  return value === -1 ? number(block, at, 8, what, place) : value;
}

/** A {@link number} in a field of 12 bytes. */
function long(block: Buffer, words: DataView, at: number, what: string, place: TarPlace): number {
  const value = octalField12(words, at);
  return value === -1 ? number(block, at, 12, what, place) : value;
}
