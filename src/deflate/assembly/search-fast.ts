import { longestAt, MARGIN, matchLength } from './match';
import { HEAD, INPUT, WINDOW } from './memory';
import { addLastLiterals, addMatch, areEnough } from './sequences';

/** 32 KiB of table: what the processor keeps close. */
const HASH_BITS: u32 = 14;
/** Where eight positions in a row had no match, one more is passed over after each: there is little to find. */
const PATIENCE: u32 = 3;

@inline function slotOf(at: usize): usize {
  return HEAD + (((load<u32>(at) * 0x9e3779b1) >> (32 - HASH_BITS)) << 1);
}

/** Lets matches begin between `from` and `to`, which have no block of their own. */
export function rememberFast(from: usize, to: usize): void {
  for (let at = from; at + 4 < to; at++) store<u16>(slotOf(at), <u16>at);
}

/** Takes the first match it meets, of one candidate, from `from` on; returns where the block ends, at `limit` or somewhat behind it, never behind `end`. */
export function searchFast(from: usize, limit: usize, end: usize): usize {
  let at = from;
  let literals = from;
  let misses: u32 = 0;
  while (at < limit) {
    if (at + MARGIN > end) {
      at = end;
      break;
    }
    const slot = slotOf(at);
    const distance = (<u32>at - <u32>load<u16>(slot)) & 0xffff;
    store<u16>(slot, <u16>at);
    let other = at - distance;
    if (distance - 1 >= WINDOW || other < INPUT || load<u32>(other) != load<u32>(at)) {
      at += 1 + (misses >> PATIENCE);
      misses++;
      continue;
    }
    let length = matchLength(at, other, 4, longestAt(at, end));
    // What was passed over may belong to it.
    while (at > literals && other > INPUT && load<u8>(at - 1) == load<u8>(other - 1)) {
      at--;
      other--;
      length++;
    }
    length = longestAt(at, at + length);
    addMatch(literals, at, length, distance);
    const next = at + length;
    if (next + MARGIN <= end) {
      // Two positions of the match find nearly as much later as all of them.
      store<u16>(slotOf(at + 1), <u16>(at + 1));
      store<u16>(slotOf(next - 2), <u16>(next - 2));
    }
    at = next;
    literals = at;
    misses = 0;
    if (areEnough()) break;
  }
  if (at > end) at = end;
  addLastLiterals(literals, at);
  return at;
}
