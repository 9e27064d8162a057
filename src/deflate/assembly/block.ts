import { alignBits, flushBits, putBits, putBytes } from './bits';
import { planHeader, writeHeader } from './code-lengths';
import { buildCodes } from './huffman';
import { DISTANCE_CODES, DISTANCE_COUNTS, DISTANCE_LENGTHS, LENGTH_BASES, LENGTH_CODES, LENGTH_EXTRA_BITS, LENGTH_SYMBOLS, LITLEN_CODES, LITLEN_COUNTS, LITLEN_LENGTHS, SEQUENCES } from './memory';
import { LONGEST } from './match';
import { distanceSymbol, sequencesEnd, SEQUENCE_BYTES } from './sequences';
import { distanceExtraBits, DISTANCE_SYMBOLS, END_OF_BLOCK, lengthExtraBits, LITLEN_SYMBOLS } from './symbols';

/** The longest code (RFC 1951, 3.2.7). */
const LONGEST_CODE: u32 = 15;
/** Of one stored block (RFC 1951, 3.2.4). */
const MOST_STORED: usize = 65535;
/** Its three bits, the bits up to the next byte, and its length twice: no more than this. */
const STORED_BITS: u64 = 42;

/** Writes the sequences found between `from` and `to` with codes of their own, or the bytes as they are where that is not more. */
export function writeBlock(from: usize, to: usize, last: bool): void {
  store<u32>(LITLEN_COUNTS + (END_OF_BLOCK << 2), 1);
  buildCodes(LITLEN_COUNTS, LITLEN_SYMBOLS, LONGEST_CODE, LITLEN_LENGTHS, LITLEN_CODES);
  buildCodes(DISTANCE_COUNTS, DISTANCE_SYMBOLS, LONGEST_CODE, DISTANCE_LENGTHS, DISTANCE_CODES);
  const bytes = to - from;
  if (3 + planHeader() + bodyBits() >= (<u64>bytes << 3) + STORED_BITS * (bytes / MOST_STORED + 1)) {
    writeStored(from, to, last);
    return;
  }
  putBits(last ? 5 : 4, 3);
  writeHeader();
  joinLengthCodes();
  writeBody(from);
}

/** Writes the bytes as they are. */
export function writeStored(from: usize, to: usize, last: bool): void {
  do {
    const length = min(MOST_STORED, to - from);
    putBits(last && from + length == to ? 1 : 0, 3);
    alignBits();
    putBits(length | ((~length & 0xffff) << 16), 32);
    flushBits();
    putBytes(from, length);
    from += length;
  } while (from < to);
}

function bodyBits(): u64 {
  let bits: u64 = 0;
  for (let symbol: u32 = 0; symbol < LITLEN_SYMBOLS; symbol++) {
    bits += <u64>load<u32>(LITLEN_COUNTS + (symbol << 2)) * (load<u8>(LITLEN_LENGTHS + symbol) + lengthExtraBits(symbol));
  }
  for (let symbol: u32 = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    bits += <u64>load<u32>(DISTANCE_COUNTS + (symbol << 2)) * (load<u8>(DISTANCE_LENGTHS + symbol) + distanceExtraBits(symbol));
  }
  return bits;
}

/** For each length of a match its code and its extra bits in one: at most 20. */
function joinLengthCodes(): void {
  for (let length: u32 = 3; length <= LONGEST; length++) {
    const symbol: u32 = load<u8>(LENGTH_SYMBOLS + length);
    const code = load<u32>(LITLEN_CODES + ((257 + symbol) << 2));
    const bits = code >> 16;
    const extra = length - load<u16>(LENGTH_BASES + (symbol << 1));
    store<u32>(LENGTH_CODES + (length << 2), (code & 0xffff) | (extra << bits) | ((bits + load<u8>(LENGTH_EXTRA_BITS + symbol)) << 24));
  }
}

@inline function putLiteral(at: usize): void {
  const code = load<u32>(LITLEN_CODES + (<usize>load<u8>(at) << 2));
  putBits(code & 0xffff, code >> 16);
}

function writeBody(from: usize): void {
  let at = from;
  for (let sequence = SEQUENCES, end = sequencesEnd(); sequence < end; sequence += SEQUENCE_BYTES) {
    let literals = load<u32>(sequence);
    for (; literals >= 3; literals -= 3, at += 3) {
      // At most 45 bits, and 7 that wait.
      putLiteral(at);
      putLiteral(at + 1);
      putLiteral(at + 2);
      flushBits();
    }
    for (; literals > 0; literals--, at++) putLiteral(at);
    flushBits();
    const match = load<u32>(sequence, 4);
    const length = match & 0xffff;
    if (length == 0) break;
    // At most 48 bits, and 7 that wait.
    const lengthCode = load<u32>(LENGTH_CODES + (length << 2));
    putBits(lengthCode & 0xffffff, lengthCode >> 24);
    const distance = match >> 16;
    const symbol = distanceSymbol(distance);
    const code = load<u32>(DISTANCE_CODES + (symbol << 2));
    putBits(code & 0xffff, code >> 16);
    const extraBits = distanceExtraBits(symbol);
    putBits((distance - 1) & ((1 << extraBits) - 1), extraBits);
    flushBits();
    at += length;
  }
  const end = load<u32>(LITLEN_CODES + (END_OF_BLOCK << 2));
  putBits(end & 0xffff, end >> 16);
  flushBits();
}
