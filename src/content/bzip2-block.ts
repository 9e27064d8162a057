import type { BitReader } from './bit-reader.js';
import { readTables, type HuffmanTable } from './bzip2-tables.js';

const GROUP = 50;
const PIECE = 256 * 1024;
/** No run of a sensible block is longer: 2^20 exceeds every block. */
const MOST_RUN_BITS = 20;

/** What is wrong with a bzip2 stream. */
export class Bzip2Fault extends Error {}

/**
 * Decodes blocks of a bzip2 stream (bzip2 1.0 format; there is no standard but the program). One instance holds the memory of one
 * stream. Each byte of input and output is bounded by the block size.
 */
export class Bzip2Blocks {
  /** Low 8 bits: the byte in this place of the transformed block; above: the place of the next byte. */
  readonly #places: Uint32Array;
  readonly #counts = new Uint32Array(256);

  /** `level`: 1..9, hundreds of thousands of bytes. */
  constructor(level: number) {
    this.#places = new Uint32Array(level * 100_000);
  }

  /**
   * The bytes of the block that starts after its magic number; a piece is valid until the next. Returns the block's checksum, which
   * was compared. Throws {@link Bzip2Fault}, and `BitsMissing` before the first piece.
   */
  *decode(bits: BitReader): Generator<Uint8Array, number> {
    const checksum = bits.read(16) * 0x10000 + bits.read(16);
    if (bits.read(1) === 1) throw new Bzip2Fault('it is randomised, as bzip2 0.9.0 wrote it');
    const origin = bits.read(24);
    const length = this.#readSymbols(bits);
    if (origin >= length) throw new Bzip2Fault('a block whose origin is outside');
    this.#invert(length);
    const found = yield* this.#expand(length, origin);
    if (found !== checksum) throw new Bzip2Fault('a block whose checksum is wrong');
    return found;
  }

  #readSymbols(bits: BitReader): number {
    const read = readTables(bits);
    if (typeof read === 'string') throw new Bzip2Fault(read);
    const { alphabet, selectors, tables } = read;
    const end = alphabet.length + 1;
    const order = Uint8Array.from(alphabet);
    const places = this.#places;
    this.#counts.fill(0);
    let [count, group, inGroup, runBits, run] = [0, 0, 0, 0, 0];
    let table = tables[0] as HuffmanTable;
    for (;;) {
      if (inGroup === 0) {
        if (group === selectors.length) throw new Bzip2Fault('a block without end');
        table = tables[selectors[group++] as number] as HuffmanTable;
        inGroup = GROUP;
      }
      inGroup -= 1;
      const symbol = readSymbol(bits, table);
      if (symbol < 2) {
        if (runBits === MOST_RUN_BITS) throw new Bzip2Fault('a run that is longer than its block');
        run += (symbol + 1) << runBits++;
        continue;
      }
      if (runBits > 0) {
        if (count + run > places.length) throw new Bzip2Fault('a block that is larger than the stream says');
        const byte = order[0] as number;
        places.fill(byte, count, count + run);
        this.#counts[byte] = (this.#counts[byte] as number) + run;
        count += run;
        [runBits, run] = [0, 0];
      }
      if (symbol === end) return count;
      if (count === places.length) throw new Bzip2Fault('a block that is larger than the stream says');
      const byte = order[symbol - 1] as number;
      // A loop: most moves are short, and a call costs more.
      for (let at = symbol - 1; at > 0; at--) order[at] = order[at - 1] as number;
      order[0] = byte;
      places[count++] = byte;
      this.#counts[byte] = (this.#counts[byte] as number) + 1;
    }
  }

  /** Links every place to that of the byte after it. */
  #invert(length: number): void {
    const [places, next] = [this.#places, this.#counts];
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) {
      const count = next[byte] as number;
      next[byte] = sum;
      sum += count;
    }
    for (let at = 0; at < length; at++) {
      const byte = (places[at] as number) & 0xff;
      const to = next[byte] as number;
      next[byte] = to + 1;
      places[to] = (places[to] as number) | (at << 8);
    }
  }

  /** Follows the links; after four equal bytes comes the number of further ones. */
  *#expand(length: number, origin: number): Generator<Uint8Array, number> {
    const places = this.#places;
    let piece = Buffer.allocUnsafeSlow(PIECE);
    let [filled, equal, last, crc] = [0, 0, -1, 0xffffffff];
    let place = (places[origin] as number) >>> 8;
    for (let left = length; left > 0; left--) {
      const entry = places[place] as number;
      const byte = entry & 0xff;
      place = entry >>> 8;
      const isCount = equal === 4;
      const value = isCount ? last : byte;
      const copies = isCount ? byte : 1;
      if (filled + copies > PIECE) {
        yield piece.subarray(0, filled);
        piece = Buffer.allocUnsafeSlow(PIECE);
        filled = 0;
      }
      for (let copy = 0; copy < copies; copy++) {
        piece[filled++] = value;
        crc = (crc << 8) ^ (CRC[((crc >>> 24) ^ value) & 0xff] as number);
      }
      equal = isCount ? 0 : byte === last ? equal + 1 : 1;
      last = isCount ? -1 : byte;
    }
    if (filled > 0) yield piece.subarray(0, filled);
    return ~crc >>> 0;
  }
}

function readSymbol(bits: BitReader, { shortest, longest, limit, base, symbols }: HuffmanTable): number {
  let code = bits.read(shortest);
  for (let length = shortest; length <= longest; length++) {
    if (code <= (limit[length] as number)) {
      const symbol = symbols[code - (base[length] as number)];
      if (symbol !== undefined) return symbol;
      break;
    }
    code = (code << 1) | bits.read(1);
  }
  throw new Bzip2Fault('a code that means nothing');
}

/** CRC-32 with the highest bit first. */
const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});
