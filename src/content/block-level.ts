/** One byte in this many is looked at: 65,536 of a block of 1 MiB. */
const STRIDE = 16;
/** Above this many bits a byte deflate finds nothing: random, encrypted or already compressed bytes. */
const INCOMPRESSIBLE = 7.9;
/** Below this (text, headers, tables) the harder search of level 5 is cheap and pays; above it level 4 loses little. */
const TEXT_LIKE = 4.7;
/** But here are hexadecimal digits, logs and the like, in which it finds a third of that for as much time. */
const DIGITS = [3.95, 4.25] as const;

/**
 * The deflate level for one block. A level that the caller chose is kept, but up to 5 what cannot get smaller is stored, at a
 * tenth of the time; without one it is 4 or 5 by content. Decided by the block's bytes alone, so the same input gives the
 * same output.
 */
export function blockLevel(block: Uint8Array, chosen: number | undefined): number {
  if (chosen !== undefined && chosen > 5) return chosen;
  const bits = entropy(block);
  if (bits > INCOMPRESSIBLE) return 0;
  if (chosen !== undefined) return chosen;
  const isDigits = bits >= DIGITS[0] && bits < DIGITS[1];
  return bits < TEXT_LIKE && !isDigits ? 5 : 4;
}

/** Shannon entropy of the byte values, in bits, from a sample; of a short block too low rather than too high. */
function entropy(block: Uint8Array): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let i = 0; i < block.length; i += STRIDE) {
    const value = block[i] as number;
    counts[value] = (counts[value] as number) + 1;
    total += 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}
