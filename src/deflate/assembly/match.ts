/** RFC 1951, 3.2.5. */
export const LONGEST: u32 = 258;
/** Bytes ahead of the end of the input in which no match begins: searches read eight at a time. */
export const MARGIN: usize = 8;

/** How long a match at `at` may be. */
@inline export function longestAt(at: usize, end: usize): u32 {
  return min<u32>(LONGEST, <u32>(end - at));
}

/** How many bytes are the same at `one` and at `other`, `most` at most, of which `length` are known to be. */
@inline export function matchLength(one: usize, other: usize, length: u32, most: u32): u32 {
  while (length + 8 <= most) {
    const difference = load<u64>(one + length) ^ load<u64>(other + length);
    if (difference != 0) return length + <u32>(ctz(difference) >> 3);
    length += 8;
  }
  while (length < most && load<u8>(one + length) == load<u8>(other + length)) length++;
  return length;
}
