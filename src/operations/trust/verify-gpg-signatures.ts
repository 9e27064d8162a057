import { verifyGpgImageSignature, type GpgClaim } from '../../crypto/sign/image/verify-gpg-image.js';
import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import { readGpgKeys } from '../../crypto/openpgp/gpg-keys.js';
import type { Trust, TrustFile } from '../../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { Root } from '../../image/image-source.js';
import { canonicalReference, formatReference, parseReference } from '../../image/reference.js';
import type { ImageSigners } from './verify-image-signatures.js';

/**
 * Checks GPG signatures of an image against its digest. A key counts when it signed the digest for every name that the image has.
 * Throws `signature-invalid`, `signature-malformed`, `key-malformed`, and `key-refused` without the package openpgp.
 */
export async function verifyGpgSignatures(files: readonly TrustFile[], { descriptor: { digest }, names }: Pick<Root, 'descriptor' | 'names'>, trust: Trust): Promise<ImageSigners> {
  if (files.length === 0) return { signatures: [], untrusted: [] };
  const keys = (await Promise.all(trust.gpg.map(readGpgKeys))).flat();
  const claims = new Map<string, GpgClaim[]>();
  const untrusted: ImgkitError[] = [];
  for (const file of files) {
    try {
      const claim = await verifyGpgImageSignature(file, digest, trust, keys);
      claims.set(claim.keyId, [...(claims.get(claim.keyId) ?? []), claim]);
    } catch (error) {
      if (!isImgkitError(error, 'signature-untrusted')) throw error;
      untrusted.push(error);
    }
  }
  const signatures: VerifiedSignature[] = [];
  for (const [keyId, made] of claims) {
    const uncovered = names.find((name) => !made.some(({ reference }) => isSignedFor(reference, name)));
    if (uncovered === undefined) signatures.push({ format: 'gpg', keyId, identity: made[0]?.identity, claimedAt: agedBy(made, names), notes: [] });
    else untrusted.push(otherName(uncovered, made, files[0]?.name ?? ''));
  }
  return { signatures, untrusted };
}

/**
 * `matchRepoDigestOrExact` of containers-policy.json(5), the default there: a name with a tag must be signed as it is; one with a digest
 * alone needs the repository. Spellings of one name are one.
 */
export function isSignedFor(reference: string, name: string): boolean {
  try {
    const [signed, wanted] = [canonicalReference(parseReference(reference)), canonicalReference(parseReference(name))];
    if (wanted.tag !== undefined) return formatReference(signed) === formatReference(wanted);
    return wanted.digest !== undefined && signed.registry === wanted.registry && signed.repository === wanted.repository;
  } catch (error) {
    if (isImgkitError(error, 'reference-invalid')) return false;
    throw error;
  }
}

/** Of each name the newest claim, of these the oldest: one name's new signature renews no other's. */
function agedBy(made: readonly GpgClaim[], names: readonly string[]): Date {
  const newest = (claims: readonly GpgClaim[]): number => Math.max(...claims.map(({ claimedAt }) => claimedAt.getTime()));
  return new Date(names.length === 0 ? newest(made) : Math.min(...names.map((name) => newest(made.filter(({ reference }) => isSignedFor(reference, name))))));
}

function otherName(name: string, made: readonly GpgClaim[], file: string): ImgkitError {
  const names = [...new Set(made.map(({ reference }) => reference))].join(', ').slice(0, 300);
  return new ImgkitError('signature-untrusted', `${file}: the image is signed by ${made[0]?.identity} for the name ${names}, not for ${name}; ask for a signature for that name (imgkit sign LOCATION --format gpg --reference NAME).`, { file, expected: name, found: names });
}
