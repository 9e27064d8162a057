import { flushBits, putBits } from './bits';
import { buildCodes } from './huffman';
import { DISTANCE_LENGTHS, LITLEN_LENGTHS, PRECODE_CODES, PRECODE_COUNTS, PRECODE_LENGTHS, PRECODE_ORDER, TOLD_LENGTHS, TOLD_SYMBOLS } from './memory';
import { DISTANCE_SYMBOLS, LITLEN_SYMBOLS, precodeExtraBits, PRECODE_SYMBOLS } from './symbols';

// The header of a block with codes of its own (RFC 1951, 3.2.7): tells the lengths of the codes, in a code of their own.
let litlen: u32 = 0;
let distances: u32 = 0;
let precode: u32 = 0;
let told: u32 = 0;

/** Prepares the header; returns the bits it will take. */
export function planHeader(): u64 {
  litlen = LITLEN_SYMBOLS;
  while (litlen > 257 && load<u8>(LITLEN_LENGTHS + litlen - 1) == 0) litlen--;
  distances = DISTANCE_SYMBOLS;
  while (distances > 1 && load<u8>(DISTANCE_LENGTHS + distances - 1) == 0) distances--;
  memory.copy(TOLD_LENGTHS, LITLEN_LENGTHS, litlen);
  memory.copy(TOLD_LENGTHS + litlen, DISTANCE_LENGTHS, distances);
  packLengths(litlen + distances);
  buildCodes(PRECODE_COUNTS, PRECODE_SYMBOLS, 7, PRECODE_LENGTHS, PRECODE_CODES);
  precode = PRECODE_SYMBOLS;
  while (precode > 4 && precodeLength(precode - 1) == 0) precode--;
  let bits: u64 = 14 + 3 * precode;
  for (let symbol: u32 = 0; symbol < PRECODE_SYMBOLS; symbol++) {
    bits += <u64>load<u32>(PRECODE_COUNTS + (symbol << 2)) * (load<u8>(PRECODE_LENGTHS + symbol) + precodeExtraBits(symbol));
  }
  return bits;
}

/** Writes the header that was planned. */
export function writeHeader(): void {
  putBits(litlen - 257, 5);
  putBits(distances - 1, 5);
  putBits(precode - 4, 4);
  flushBits();
  for (let i: u32 = 0; i < precode; i++) {
    putBits(precodeLength(i), 3);
    flushBits();
  }
  for (let i: u32 = 0; i < told; i++) {
    const packed = load<u32>(TOLD_SYMBOLS + (i << 2));
    const symbol = packed & 31;
    const code = load<u32>(PRECODE_CODES + (symbol << 2));
    putBits(code & 0xffff, code >> 16);
    putBits(packed >> 5, precodeExtraBits(symbol));
    flushBits();
  }
}

@inline function precodeLength(i: u32): u32 {
  return load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + i));
}

/** The lengths, with the symbols that repeat: 16 the one before, 17 and 18 zero. */
function packLengths(count: u32): void {
  memory.fill(PRECODE_COUNTS, 0, PRECODE_SYMBOLS << 2);
  told = 0;
  for (let at: u32 = 0; at < count;) {
    const length: u32 = load<u8>(TOLD_LENGTHS + at);
    let run: u32 = 1;
    while (at + run < count && load<u8>(TOLD_LENGTHS + at + run) == length) run++;
    at += run;
    if (length != 0) {
      tell(length, 0);
      run = repeat(run - 1, 16, 3, 6);
    } else {
      run = repeat(run, 18, 11, 138);
      run = repeat(run, 17, 3, 10);
    }
    for (; run != 0; run--) tell(length, 0);
  }
}

/** Tells as much of a run as `symbol`, which repeats `least` to `most`, can; returns the rest. */
function repeat(run: u32, symbol: u32, least: u32, most: u32): u32 {
  while (run >= least) {
    const taken = min(run, most);
    tell(symbol, taken - least);
    run -= taken;
  }
  return run;
}

function tell(symbol: u32, extra: u32): void {
  store<u32>(TOLD_SYMBOLS + (told++ << 2), symbol | (extra << 5));
  const counter = PRECODE_COUNTS + (symbol << 2);
  store<u32>(counter, load<u32>(counter) + 1);
}
