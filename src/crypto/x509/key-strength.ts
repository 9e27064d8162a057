import type { KeyObject } from 'node:crypto';

const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const SMALLEST_RSA = 2048;
const LARGEST_RSA = 16_384;

/** Why a key is not accepted, as the end of a sentence: "RSA with 1024 bits; 2048 are needed". Undefined when it is good. */
export function weaknessOf(key: KeyObject): string | undefined {
  const { modulusLength = 0, namedCurve = 'unknown', publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      if (modulusLength < SMALLEST_RSA) return `RSA with ${modulusLength} bits; ${SMALLEST_RSA} are needed`;
      if (modulusLength > LARGEST_RSA) return `RSA with ${modulusLength} bits; at most ${LARGEST_RSA} are accepted`;
      return publicExponent < 3n || publicExponent % 2n === 0n ? `RSA with the exponent ${publicExponent}` : undefined;
    case 'ec':
      return CURVES.has(namedCurve) ? undefined : `on the curve ${namedCurve}; P-256, P-384 or P-521 are needed`;
    case 'ed25519':
      return undefined;
    default:
      return `of the type ${key.asymmetricKeyType ?? 'unknown'}; RSA, ECDSA or Ed25519 are needed`;
  }
}
