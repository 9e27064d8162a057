import { DISTANCE_COUNTS, LENGTH_SYMBOLS, LITLEN_COUNTS, SEQUENCES } from './memory';

// What a search finds: some literals, then a match; again and again, and at the end literals without a match. For each a u32 with the
// number of literals, and a u32 with the length of the match (none: 0) and from bit 16 on the distance.

/** More in one block, and its codes would fit none of its parts well. */
const MOST: usize = 16384;
export const SEQUENCE_BYTES: usize = 8;

let end: usize = SEQUENCES;

export function startSequences(): void {
  memory.fill(LITLEN_COUNTS, 0, 320 * 4);
  end = SEQUENCES;
}

/** Where the sequences end. */
export function sequencesEnd(): usize {
  return end;
}

@inline export function areEnough(): bool {
  return end >= SEQUENCES + MOST * SEQUENCE_BYTES;
}

/** `length` bytes as they were `distance` before, and ahead of them the literals in between. */
@inline export function addMatch(literals: usize, at: usize, length: u32, distance: u32): void {
  countLiterals(literals, at);
  store<u32>(end, <u32>(at - literals));
  store<u32>(end, length | (distance << 16), 4);
  end += SEQUENCE_BYTES;
  countOne(LITLEN_COUNTS + ((257 + <usize>load<u8>(LENGTH_SYMBOLS + length)) << 2));
  countOne(DISTANCE_COUNTS + (<usize>distanceSymbol(distance) << 2));
}

/** What comes behind the last match. */
export function addLastLiterals(from: usize, to: usize): void {
  countLiterals(from, to);
  store<u32>(end, <u32>(to - from));
  store<u32>(end, 0, 4);
  end += SEQUENCE_BYTES;
}

/** RFC 1951, 3.2.5: two symbols for each power of two. */
@inline export function distanceSymbol(distance: u32): u32 {
  const back = distance - 1;
  if (back < 4) return back;
  const power = 31 - clz(back);
  return (power << 1) | ((back >> (power - 1)) & 1);
}

@inline function countLiterals(from: usize, to: usize): void {
  for (let at = from; at < to; at++) countOne(LITLEN_COUNTS + (<usize>load<u8>(at) << 2));
}

@inline function countOne(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}
