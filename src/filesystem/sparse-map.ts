import { DEFAULT_LIMITS } from '../limits.js';
import { BLOCK, paddingOf } from '../tar/block.js';
import { malformed, type TarPlace } from '../tar/fault.js';
import { parseNumeric } from '../tar/numeric.js';
import { parsePaxRecords } from '../tar/pax.js';

/** Digits of a number, and some: what is longer is none. */
const LONGEST_LINE = 20;

/** Where data lies in a file, holes left out: offset and length in turn. */
export type SparseMap = readonly number[];

/** The map that the headers of a sparse file hold; undefined when it stands at the start of the body (pax format 1.0). */
export function mapInHeaders(headers: Buffer, place: TarPlace): SparseMap | undefined {
  const map: number[] = [];
  let major = '';
  for (let at = 0; at < headers.length;) {
    const type = String.fromCharCode(headers[at + 156] as number);
    if (type === 'S') {
      gnuPairs(headers, at + 386, 4, map);
      for (let more = headers[at + 482] !== 0; more; more = headers[at + 504] !== 0) {
        at += BLOCK;
        gnuPairs(headers, at, 21, map);
      }
      return map;
    }
    const size = parseNumeric(headers, at + 124, 12);
    if (type === 'x') {
      for (const { key, value } of parsePaxRecords(headers.subarray(at + BLOCK, at + BLOCK + size), { paxRecords: Math.max(DEFAULT_LIMITS.paxRecords, size) }, place)) {
        const text = value.toString('latin1');
        if (key === 'GNU.sparse.major') major = text;
        else if (key === 'GNU.sparse.map') for (const number of text === '' ? [] : text.split(',')) map.push(whole(number, place));
        else if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') map.push(whole(text, place));
      }
    }
    // Anything but an extension is the file itself, the last of the headers.
    if (!'xgLK'.includes(type)) break;
    at += BLOCK + size + paddingOf(size);
  }
  return major === '1' ? undefined : map;
}

/** Old GNU: pairs of 12-byte fields, ended by one that is blank. */
function gnuPairs(bytes: Buffer, from: number, most: number, map: number[]): void {
  for (let at = from; at < from + most * 24 && bytes[at + 12] !== 0; at += 24) map.push(parseNumeric(bytes, at, 12), parseNumeric(bytes, at + 12, 12));
}

/**
 * Reads the map at the start of a body (pax format 1.0) as it comes: lines with a count and then the numbers, padded to a block. Each byte is
 * looked at once, in whatever pieces it comes.
 */
export class BodyMapReader {
  readonly map: number[] = [];
  readonly #place: TarPlace;
  #wanted = -1;
  #line = '';
  #padding = 0;
  #length = 0;

  constructor(place: TarPlace) {
    this.#place = place;
  }

  /** Bytes that the map took so far, its padding included. */
  get length(): number {
    return this.#length;
  }

  /** Takes the next bytes. Gives those after the map once that is whole, before undefined. Throws `tar-malformed`. */
  push(bytes: Buffer): Buffer | undefined {
    let at = 0;
    while (this.#wanted === -1 || this.map.length < this.#wanted) {
      const end = bytes.indexOf(0x0a, at);
      this.#line += bytes.toString('latin1', at, Math.min(end === -1 ? bytes.length : end, at + LONGEST_LINE + 1));
      if (this.#line.length > LONGEST_LINE) throw malformed(this.#place, 'the map of the sparse file is malformed');
      this.#length += (end === -1 ? bytes.length : end + 1) - at;
      if (end === -1) return undefined;
      at = end + 1;
      const number = whole(this.#line, this.#place);
      this.#line = '';
      if (this.#wanted === -1) this.#wanted = number * 2;
      else this.map.push(number);
      this.#padding = paddingOf(this.#length);
    }
    const padding = Math.min(this.#padding, bytes.length - at);
    this.#padding -= padding;
    this.#length += padding;
    return this.#padding > 0 ? undefined : bytes.subarray(at + padding);
  }
}

/** Throws `tar-malformed` unless the map is in order, within the file, and accounts for every byte that is stored. */
export function checkMap(map: SparseMap, stored: number, realSize: number, place: TarPlace): void {
  let end = 0;
  let sum = 0;
  for (let i = 0; i < map.length; i += 2) {
    const [offset = Number.NaN, length = Number.NaN] = [map[i], map[i + 1]];
    if (!(offset >= end && length >= 0 && offset + length <= realSize)) throw malformed(place, 'the map of the sparse file is out of order or reaches beyond its end');
    end = offset + length;
    sum += length;
  }
  if (sum !== stored) throw malformed(place, `the map of the sparse file accounts for ${sum} bytes, and ${stored} are stored`);
}

function whole(text: string, place: TarPlace): number {
  const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw malformed(place, 'the map of the sparse file is malformed');
  return number;
}
