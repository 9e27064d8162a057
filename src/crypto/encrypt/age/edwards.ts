const P = 2n ** 255n - 19n;

/**
 * The Montgomery u coordinate of an Ed25519 public key, as age uses it for X25519: u = (1 + y) / (1 - y) (RFC 7748, 4.1).
 * Undefined for the point that has none. The keys are public: nothing here needs to take constant time.
 */
export function montgomeryOf(publicKey: Uint8Array): Buffer | undefined {
  const littleEndian = Buffer.from(publicKey.toReversed());
  littleEndian[0] = (littleEndian[0] as number) & 0x7f;
  const y = BigInt(`0x${littleEndian.toString('hex')}`);
  const below = mod(1n - y);
  if (y >= P || below === 0n) return undefined;
  const u = mod((1n + y) * power(below, P - 2n));
  return Buffer.from(Uint8Array.from(Buffer.from(u.toString(16).padStart(64, '0'), 'hex')).toReversed());
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, bits = exponent; bits > 0n; bits >>= 1n, square = mod(square * square)) if (bits & 1n) result = mod(result * square);
  return result;
}
