// Where everything lies in the module's memory. Nothing is allocated while it runs.

/** Hash table of both searches: u16 positions, the youngest of each hash. */
export const HEAD: usize = 0x10000;
export const HEAD_BITS: u32 = 15;
/** Of the chains: u16, the position before this one that had its hash, by the position modulo 32 KiB. */
export const NEXT: usize = 0x20000;
/** Of the chains: u16, the youngest position of each hash of three bytes. */
export const HEAD3: usize = 0x30000;
/** The three tables together. */
export const TABLES_BYTES: usize = 0x30000;

/** What the search found: for each match 8 bytes, see sequences.ts. */
export const SEQUENCES: usize = 0x40000;

/** u32: how often each literal, length and end of block comes in the block; then each distance; then each length of a code. */
export const LITLEN_COUNTS: usize = 0x70000;
export const DISTANCE_COUNTS: usize = LITLEN_COUNTS + 288 * 4;
export const PRECODE_COUNTS: usize = DISTANCE_COUNTS + 32 * 4;
/** u32: the code of each symbol, its bits in the order they are written, and from bit 16 on its length. */
export const LITLEN_CODES: usize = 0x71000;
export const DISTANCE_CODES: usize = LITLEN_CODES + 288 * 4;
export const PRECODE_CODES: usize = DISTANCE_CODES + 32 * 4;
/** u8: the lengths of these codes. */
export const LITLEN_LENGTHS: usize = 0x72000;
export const DISTANCE_LENGTHS: usize = LITLEN_LENGTHS + 288;
export const PRECODE_LENGTHS: usize = DISTANCE_LENGTHS + 32;
/** u8: the first two, one behind the other, as the block's header tells them. */
export const TOLD_LENGTHS: usize = 0x72400;
/** u32: the header's symbols, and from bit 5 on the extra bits. */
export const TOLD_SYMBOLS: usize = 0x72800;
/** u32 for each length of a match: its code with the extra bits behind it, and from bit 24 on how many bits that are. */
export const LENGTH_CODES: usize = 0x73000;
/** u8 for each length of a match: its symbol less 257. u16 and u8 for each such symbol: the least length, and the extra bits. */
export const LENGTH_SYMBOLS: usize = 0x73800;
export const LENGTH_BASES: usize = 0x73a00;
export const LENGTH_EXTRA_BITS: usize = 0x73a80;
/** u8: the order in which the header tells the lengths of the codes of lengths. */
export const PRECODE_ORDER: usize = 0x73b00;
/** Room for sorting symbols and adding up their counts; u32. */
export const SORTED: usize = 0x74000;
export const SUMS: usize = 0x74800;
/** u32 for each length of a code: how many there are, and the next one. */
export const LENGTH_COUNTS: usize = 0x75000;
export const NEXT_CODES: usize = 0x75200;

/** Bytes that a distance reaches back (RFC 1951, 2). */
export const WINDOW: u32 = 32768;
/** What came before (the end of the block before), and the block itself. */
export const INPUT: usize = 0x80000;
const MOST_INPUT: usize = 1024 * 1024 + WINDOW;
/** Nothing gets larger by more than 5 bytes for each 48 KiB; eight bytes are written at a time. */
export const OUTPUT: usize = INPUT + MOST_INPUT + 4096;
