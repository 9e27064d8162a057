import { LENGTH_COUNTS, NEXT_CODES, SORTED, SUMS } from './memory';

/**
 * Huffman codes for `symbols` symbols that come as often as `counts` (u32) says, none longer than `longest` bits: their lengths to `lengths`
 * (u8), the codes to `codes` (u32, see LITLEN_CODES). At least two symbols get one: a lone code is not understood everywhere.
 */
export function buildCodes(counts: usize, symbols: u32, longest: u32, lengths: usize, codes: usize): void {
  const used = sortSymbols(counts, symbols);
  countLengths(used, longest);
  memory.fill(lengths, 0, symbols);
  let next: usize = SORTED;
  // The rarest come first, and get the longest.
  for (let length = longest; length > 0; length--) {
    for (let left = load<u32>(LENGTH_COUNTS + (length << 2)); left != 0; left--, next += 4) store<u8>(lengths + (load<u32>(next) & 511), <u8>length);
  }
  assignCodes(symbols, longest, lengths, codes);
}

/** The symbols that come at all, by their counts, to SORTED: the count, and in the lowest nine bits the symbol. Returns how many. */
function sortSymbols(counts: usize, symbols: u32): u32 {
  let used: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = load<u32>(counts + (symbol << 2));
    if (count != 0) store<u32>(SORTED + (used++ << 2), (count << 9) | symbol);
  }
  for (let symbol: u32 = 0; used < 2; symbol++) {
    if (load<u32>(counts + (symbol << 2)) == 0) store<u32>(SORTED + (used++ << 2), (1 << 9) | symbol);
  }
  for (let gap: u32 = 57; gap != 0; gap = gap == 57 ? 23 : gap == 23 ? 10 : gap == 10 ? 4 : gap == 4 ? 1 : 0) {
    for (let i = gap; i < used; i++) {
      const moved = load<u32>(SORTED + (i << 2));
      let to = i;
      for (; to >= gap; to -= gap) {
        const larger = load<u32>(SORTED + ((to - gap) << 2));
        if (larger <= moved) break;
        store<u32>(SORTED + (to << 2), larger);
      }
      store<u32>(SORTED + (to << 2), moved);
    }
  }
  return used;
}

@inline function sum(i: u32): u32 {
  return load<u32>(SUMS + (i << 2));
}

@inline function setSum(i: u32, value: u32): void {
  store<u32>(SUMS + (i << 2), value);
}

/** How many codes of each length there are, to LENGTH_COUNTS: A. Moffat and J. Katajainen's way to minimum redundancy in place, then cut to `longest`. */
function countLengths(used: u32, longest: u32): void {
  for (let i: u32 = 0; i < used; i++) setSum(i, load<u32>(SORTED + (i << 2)) >> 9);
  // Joins the two lightest again and again; each inner node gets the number of its parent instead of its weight.
  let node: u32 = 0;
  let leaf: u32 = 0;
  for (let made: u32 = 0; made < used - 1; made++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= used || (node < made && sum(node) < sum(leaf))) {
        weight += sum(node);
        setSum(node++, made);
      } else weight += sum(leaf++);
    }
    setSum(made, weight);
  }
  // From the root on, depths instead of parents.
  setSum(used - 2, 0);
  for (let i: i32 = <i32>used - 3; i >= 0; i--) setSum(i, sum(sum(i)) + 1);
  memory.fill(LENGTH_COUNTS, 0, 64);
  let inner: i32 = <i32>used - 2;
  let left = used;
  for (let depth: u32 = 0, open: u32 = 1; left > 0; depth++) {
    let parents: u32 = 0;
    for (; inner >= 0 && sum(inner) == depth; inner--) parents++;
    const leaves = open - parents;
    const counter = LENGTH_COUNTS + (min(depth, longest) << 2);
    store<u32>(counter, load<u32>(counter) + leaves);
    left -= leaves;
    open = parents << 1;
  }
  shorten(longest);
}

/** Those that were cut to `longest` bits are too many: makes others longer until all fit. */
function shorten(longest: u32): void {
  let room: i32 = 1 << longest;
  for (let length: u32 = 1; length <= longest; length++) room -= <i32>(load<u32>(LENGTH_COUNTS + (length << 2)) << (longest - length));
  for (; room < 0; room++) {
    let length = longest - 1;
    while (load<u32>(LENGTH_COUNTS + (length << 2)) == 0) length--;
    const counter = LENGTH_COUNTS + (length << 2);
    store<u32>(counter, load<u32>(counter) - 1);
    store<u32>(counter, load<u32>(counter, 4) + 2, 4);
    const last = LENGTH_COUNTS + (longest << 2);
    store<u32>(last, load<u32>(last) - 1);
  }
}

/** RFC 1951, 3.2.2; the bits of a code are written the highest first, all others the lowest first. */
function assignCodes(symbols: u32, longest: u32, lengths: usize, codes: usize): void {
  let first: u32 = 0;
  for (let length: u32 = 1; length <= longest; length++) {
    store<u32>(NEXT_CODES + (length << 2), first);
    first = (first + load<u32>(LENGTH_COUNTS + (length << 2))) << 1;
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length: u32 = load<u8>(lengths + symbol);
    let code: u32 = 0;
    if (length != 0) {
      const counter = NEXT_CODES + (length << 2);
      let left = load<u32>(counter);
      store<u32>(counter, left + 1);
      for (let bit: u32 = 0; bit < length; bit++, left >>= 1) code = (code << 1) | (left & 1);
    }
    store<u32>(codes + (symbol << 2), code | (length << 16));
  }
}
