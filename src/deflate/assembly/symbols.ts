import { LENGTH_BASES, LENGTH_EXTRA_BITS, LENGTH_SYMBOLS, PRECODE_ORDER } from './memory';

// RFC 1951, 3.2.5 to 3.2.7.
export const LITLEN_SYMBOLS: u32 = 286;
export const DISTANCE_SYMBOLS: u32 = 30;
export const PRECODE_SYMBOLS: u32 = 19;
export const END_OF_BLOCK: u32 = 256;
/** The last symbol of a length means 258 alone, without extra bits. */
const LAST_LENGTH: u32 = 28;

/** Fills the tables that never change. */
export function makeTables(): void {
  let base: u32 = 3;
  for (let symbol: u32 = 0; symbol < LAST_LENGTH; symbol++) {
    const extra: u32 = symbol < 8 ? 0 : (symbol >> 2) - 1;
    store<u16>(LENGTH_BASES + (symbol << 1), <u16>base);
    store<u8>(LENGTH_EXTRA_BITS + symbol, <u8>extra);
    for (const end = base + (1 << extra); base < end; base++) store<u8>(LENGTH_SYMBOLS + base, <u8>symbol);
  }
  store<u16>(LENGTH_BASES + (LAST_LENGTH << 1), 258);
  store<u8>(LENGTH_EXTRA_BITS + LAST_LENGTH, 0);
  store<u8>(LENGTH_SYMBOLS + 258, <u8>LAST_LENGTH);
  const order: StaticArray<u8> = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  for (let i: u32 = 0; i < PRECODE_SYMBOLS; i++) store<u8>(PRECODE_ORDER + i, order[i]);
}

/** Extra bits behind a symbol of litlen, which is a length; of the distances; of the lengths of codes. */
@inline export function lengthExtraBits(symbol: u32): u32 {
  return symbol > END_OF_BLOCK ? <u32>load<u8>(LENGTH_EXTRA_BITS + symbol - 257) : 0;
}

@inline export function distanceExtraBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >> 1) - 1;
}

@inline export function precodeExtraBits(symbol: u32): u32 {
  return symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
}
