import type { BitReader } from './bit-reader.js';

const LONGEST_CODE = 20;
/** 900,000 symbols in groups of 50; encoders that write a few more selectors than they use exist. */
const MOST_SELECTORS = 18_002;

/** One canonical Huffman code: a code of `length` bits with value `v` means `symbols[v - base[length]]` while `v <= limit[length]`. */
export interface HuffmanTable {
  readonly shortest: number;
  readonly longest: number;
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

/** What stands before the symbols of a block. */
export interface BlockTables {
  /** Byte values that occur, in order. */
  readonly alphabet: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly HuffmanTable[];
}

/** Reads the alphabet, selectors and Huffman tables of a block; a string says what is wrong with them. */
export function readTables(bits: BitReader): BlockTables | string {
  const alphabet = readAlphabet(bits);
  if (alphabet.length === 0) return 'a block without symbols';
  const count = bits.read(3);
  const groups = bits.read(15);
  if (count < 2 || count > 6 || groups === 0) return 'a block with a wrong number of tables';
  const selectors = readSelectors(bits, groups, count);
  if (selectors === undefined) return 'a table that is not there';
  const tables: HuffmanTable[] = [];
  for (let table = 0; table < count; table++) {
    const lengths = readLengths(bits, alphabet.length + 2);
    if (lengths === undefined) return 'a code of impossible length';
    tables.push(tableOf(lengths));
  }
  return { alphabet, selectors, tables };
}

function readAlphabet(bits: BitReader): Uint8Array {
  const ranges = bits.read(16);
  const values: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const used = bits.read(16);
    for (let low = 0; low < 16; low++) if ((used & (0x8000 >> low)) !== 0) values.push(range * 16 + low);
  }
  return Uint8Array.from(values);
}

/** Move-to-front coded, in unary. */
function readSelectors(bits: BitReader, groups: number, tables: number): Uint8Array | undefined {
  const selectors = new Uint8Array(Math.min(groups, MOST_SELECTORS));
  const order = [0, 1, 2, 3, 4, 5];
  for (let group = 0; group < groups; group++) {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= tables) return undefined;
    const [table = 0] = order.splice(place, 1);
    order.unshift(table);
    if (group < MOST_SELECTORS) selectors[group] = table;
  }
  return selectors;
}

function readLengths(bits: BitReader, symbols: number): Uint8Array | undefined {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    for (;;) {
      if (length < 1 || length > LONGEST_CODE) return undefined;
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

function tableOf(lengths: Uint8Array): HuffmanTable {
  const shortest = Math.min(...lengths);
  const longest = Math.max(...lengths);
  const symbols = Uint16Array.from([...lengths.keys()].sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b));
  const limit = new Int32Array(LONGEST_CODE + 2).fill(-1);
  const base = new Int32Array(LONGEST_CODE + 2);
  let [code, index] = [0, 0];
  for (let length = shortest; length <= longest; length++) {
    const count = lengths.reduce((sum, each) => sum + (each === length ? 1 : 0), 0);
    base[length] = code - index;
    code += count;
    index += count;
    limit[length] = code - 1;
    code <<= 1;
  }
  return { shortest, longest, limit, base, symbols };
}
