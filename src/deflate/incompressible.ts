/** One byte in this many is looked at: 16,384 of a part of 1 MiB. */
const STRIDE = 64;
/** Above this many bits a byte deflate finds nothing: random, encrypted or already compressed bytes. */
const LEAST_BITS = 7.9;

/** Whether `part` will not get smaller, by how often each byte comes in a sample of it. */
export function isIncompressible(part: Uint8Array): boolean {
  return entropy(part) > LEAST_BITS;
}

/** Shannon entropy of the byte values, in bits, from a sample; of a short part too low rather than too high. */
function entropy(part: Uint8Array): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let i = 0; i < part.length; i += STRIDE) {
    const value = part[i] as number;
    counts[value] = (counts[value] as number) + 1;
    total += 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}
