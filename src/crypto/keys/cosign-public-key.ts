import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';
import { decodePem } from './pem-text.js';
import { LEAST_RSA_BITS } from './ssh-public-key.js';

export interface CosignPublicKey {
  readonly key: KeyObject;
  /** The digest for `crypto.verify`; null where the algorithm has its own. */
  readonly hash: 'sha256' | null;
  /** `SHA256:` and the digest of the DER of the key, in base64: what sigstore bundles call the hint. */
  readonly keyId: string;
  readonly name: string;
  /** Why its signatures are worth nothing, if so. */
  readonly weakness?: string | undefined;
}

/** Reads a public key in PEM, as `cosign.pub` or `openssl pkey -pubout` have it: ECDSA P-256, Ed25519 or RSA. Throws `key-malformed`. */
export function parseCosignPublicKey({ name, bytes }: TrustFile): CosignPublicKey {
  const malformed = (problem: string): ImgkitError => new ImgkitError('key-malformed', `${name}: ${problem}; cosign public-key --key FILE prints one.`, { file: name });
  const pem = decodePem(Buffer.from(bytes).toString('latin1').trim());
  if (pem?.label !== 'PUBLIC KEY') throw malformed('is no public key in PEM');
  try {
    return cosignPublicKey(createPublicKey({ key: Buffer.from(pem.bytes), format: 'der', type: 'spki' }), name);
  } catch (error) {
    if (error instanceof ImgkitError) throw error;
    throw malformed('is damaged, or no key that can be used');
  }
}

/** What a key is to cosign. Throws `key-refused` for a type or curve that is not accepted. */
export function cosignPublicKey(key: KeyObject, name: string): CosignPublicKey {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const bits = details?.modulusLength ?? 0;
  if (type !== 'ed25519' && type !== 'rsa' && !(type === 'ec' && details?.namedCurve === 'prime256v1')) {
    throw new ImgkitError('key-refused', `${name}: is a key of a type that is not accepted; use ECDSA P-256, Ed25519 or RSA.`, { file: name });
  }
  const weakness = type === 'rsa' && bits < LEAST_RSA_BITS ? `RSA of ${bits} bits is too weak (${LEAST_RSA_BITS} at least)` : undefined;
  return { key, hash: type === 'ed25519' ? null : 'sha256', keyId: `SHA256:${keyHint(key)}`, name, weakness };
}

/** The hint by which a sigstore bundle names a public key, the same however a file of it spells the point and the curve. */
export function keyHint(key: KeyObject): string {
  const spelt = key.asymmetricKeyType === 'ec' ? createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' }) : key;
  return createHash('sha256').update(spelt.export({ format: 'der', type: 'spki' })).digest('base64');
}
