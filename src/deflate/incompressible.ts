/** One byte in this many is looked at: 16,384 of a part of 1 MiB. */
const STRIDE = 64;

/**
 * Whether `part` will not get smaller: random, encrypted or already compressed bytes, by how often each value comes in a sample of it. Whole
 * numbers alone decide, for the output hangs on it: a logarithm need not be the same to the last digit everywhere.
 */
export function isIncompressible(part: Uint8Array): boolean {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let i = 0; i < part.length; i += STRIDE) {
    const value = part[i] as number;
    counts[value] = (counts[value] as number) + 1;
    total += 1;
  }
  // Were all values as frequent, 256 times the sum would be the square of the total. A seventh more is a tenth of a bit less in a byte.
  const squares = counts.reduce((sum, count) => sum + count * count, 0);
  return 7 * 256 * squares < 8 * total * total;
}
