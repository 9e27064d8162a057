import { longestAt, MARGIN, matchLength } from './match';
import { HEAD, HEAD3, HEAD_BITS, INPUT, NEXT, SUMS, WINDOW } from './memory';
import { addLastLiterals, addMatch, areEnough } from './sequences';

/** A match of three bytes pays only from nearby. */
const NEAR: u32 = 4096;
/** In matches longer than this only every fourth position is remembered: more would find the same again. */
const LONG: u32 = 48;
/** In matches longer than this positions are remembered for matches of four bytes only. */
const MIDDLING: u32 = 8;
/** Where 64 positions in a row had no match, one more is passed over after each; a thorough search passes over none. */
const PATIENCE: u32 = 6;
const ENDLESS: u32 = 31;
const THOROUGH: u32 = 16;

/** Of the last match that `findMatch` found. */
let distanceFound: u32 = 0;

@inline function hash4(value: u32): usize {
  return <usize>((value * 0x9e3779b1) >> (32 - HEAD_BITS)) << 1;
}

@inline function hash3(value: u32): usize {
  return hash4(value << 8);
}

/** Lets matches begin between `from` and `to`, which have no block of their own. */
export function rememberChains(from: usize, to: usize): void {
  for (let at = from; at + 4 < to; at++) remember(at);
}

@inline function remember(at: usize): void {
  rememberFour(at);
  store<u16>(HEAD3 + hash3(load<u32>(at)), <u16>at);
}

@inline function rememberFour(at: usize): void {
  const head = HEAD + hash4(load<u32>(at));
  store<u16>(NEXT + ((at & (WINDOW - 1)) << 1), load<u16>(head));
  store<u16>(head, <u16>at);
}

/** The longest match at `at` that is longer than `best` among `depth` candidates, the first of at least `nice`; its distance is in `distanceFound`. Else `best`. */
@inline function findMatch(at: usize, best: u32, most: u32, depth: u32, nice: u32): u32 {
  const value = load<u32>(at);
  const head = HEAD + hash4(value);
  let candidate: u32 = load<u16>(head);
  const near = HEAD3 + hash3(value);
  const threeBack = (<u32>at - <u32>load<u16>(near)) & 0xffff;
  store<u16>(NEXT + ((at & (WINDOW - 1)) << 1), <u16>candidate);
  store<u16>(head, <u16>at);
  store<u16>(near, <u16>at);
  let before: u32 = 0;
  for (; depth != 0; depth--) {
    const distance = (<u32>at - candidate) & 0xffff;
    const other = at - distance;
    // A position that is no farther away than the one before is of another time: positions are known modulo 64 KiB.
    if (distance <= before || distance > WINDOW || other < INPUT) break;
    before = distance;
    const tail = max<u32>(best, 3) - 3;
    if (load<u32>(other + tail) == load<u32>(at + tail) && load<u32>(other) == value) {
      const length = matchLength(at, other, 4, most);
      if (length > best) {
        best = length;
        distanceFound = distance;
        if (length >= nice) break;
      }
    }
    candidate = load<u16>(NEXT + ((other & (WINDOW - 1)) << 1));
  }
  if (best < 3 && threeBack - 1 < NEAR && at - threeBack >= INPUT && ((load<u32>(at - threeBack) ^ value) << 8) == 0) {
    best = 3;
    distanceFound = threeBack;
  }
  return best;
}

/**
 * Takes the best match of `depth` candidates at each position; with `lazy`, unless the next position has a longer one. Returns where the
 * block ends, at `limit` or somewhat behind it, never behind `end`.
 */
export function searchChains(from: usize, limit: usize, end: usize, depth: u32, nice: u32, lazy: bool): usize {
  const least = leastLength(from, end, depth);
  const patience = depth < THOROUGH ? PATIENCE : ENDLESS;
  let at = from;
  let literals = from;
  let misses: u32 = 0;
  while (at < limit) {
    if (at + MARGIN > end) {
      at = end;
      break;
    }
    let length = findMatch(at, least - 1, longestAt(at, end), depth, nice);
    if (length < least) {
      at += 1 + <usize>(misses >> patience);
      misses++;
      continue;
    }
    let distance = distanceFound;
    let known = at + 1;
    while (lazy && length < nice && at + 1 + MARGIN <= end) {
      const later = findMatch(at + 1, length, longestAt(at + 1, end), max<u32>(depth >> 1, 1), nice);
      known = at + 2;
      if (later <= length) break;
      at++;
      length = later;
      distance = distanceFound;
    }
    addMatch(literals, at, length, distance);
    const next = at + length;
    const stop = min(next, end - MARGIN + 1);
    const step: usize = length > LONG ? 4 : 1;
    if (length > MIDDLING) for (; known < stop; known += step) rememberFour(known);
    else for (; known < stop; known++) remember(known);
    at = next;
    literals = at;
    misses = 0;
    if (areEnough()) break;
  }
  if (at > end) at = end;
  addLastLiterals(literals, at);
  return at;
}

/** Where few different bytes come, a literal takes few bits, and a short match takes more than its literals. */
function leastLength(from: usize, end: usize, depth: u32): u32 {
  memory.fill(SUMS, 0, 256);
  for (let at = from, to = min(end, from + 4096); at < to; at++) store<u8>(SUMS + load<u8>(at), 1);
  let different: u32 = 0;
  for (let byte: usize = 0; byte < 256; byte++) different += load<u8>(SUMS + byte);
  if (different > 80) return 3;
  if (different > 46) return 4;
  // A search that looks at few candidates misses the long ones.
  if (different > 16 || depth < 10) return 5;
  return different > 10 ? 6 : 7;
}
