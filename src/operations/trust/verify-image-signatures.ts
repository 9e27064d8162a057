import type { VerifiedSignature } from '../../crypto/sign/signature.js';
import { verifyImageSignature, type VerifiedClaim } from '../../crypto/sign/image/verify-image.js';
import type { Trust, TrustFile } from '../../crypto/trust/trust.js';
import { ImgkitError, isImgkitError } from '../../errors.js';
import type { ImageSource, Root } from '../../image/image-source.js';
import { canonicalReference, parseReference, type Reference } from '../../image/reference.js';
import type { Limits } from '../../limits.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { findSignatureManifests, readImageSignatures } from './find-image-signatures.js';

/** Who signed one image. */
export interface ImageSigners {
  /** One for each key that counts, and for each name that it has. */
  readonly signatures: readonly VerifiedSignature[];
  /** Signatures that count for nothing: by unknown keys, or for another name; then those without a key (`signature-missing`). */
  readonly untrusted: readonly ImgkitError[];
}

/** Whom to believe about an image, and where signatures lie that are not kept with it. */
export interface ImageCheck {
  readonly trust: Trust;
  readonly limits: Limits;
  /** Folders with GPG signatures, laid out as skopeo does, or URLs of such. */
  readonly lookaside?: readonly string[] | undefined;
  readonly network?: NetworkOptions | undefined;
  /** GPG signatures. */
  readonly files?: readonly TrustFile[] | undefined;
  /** Names that it gets. One that has none where it is must be signed for these: else it could be any image that the signer ever signed. */
  readonly given?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks GPG's and cosign's signatures of `root` in `source` against its digest. A key counts when it signed the digest for every name that the image
 * has there, or gets when it has none; a signature that is for no name is for all of them. Throws `signature-invalid` for one that is damaged or belongs to
 * another image, `signature-malformed`, `limit-exceeded`, and what reading the source throws.
 */
export async function verifyImageSignatures(source: ImageSource, root: Root, check: ImageCheck): Promise<ImageSigners> {
  const { trust, limits, signal } = check;
  const { digest } = root.descriptor;
  const names = namesOfRoot(root) ?? check.given ?? [];
  const gpg = await gpgSigners({ ...root, names }, check);
  const found = await readImageSignatures(source, await findSignatureManifests(source, digest, limits), signal);
  const claims = new Map<string, VerifiedClaim[]>();
  const untrusted: ImgkitError[] = [...gpg.untrusted];
  const keyless: ImgkitError[] = [];
  for (const each of found) {
    try {
      const claim = verifyImageSignature(each, digest, trust);
      if (claim !== undefined) claims.set(claim.keyId, [...(claims.get(claim.keyId) ?? []), claim]);
    } catch (error) {
      if (!isImgkitError(error, 'signature-untrusted', 'signature-missing')) throw error;
      (error.code === 'signature-missing' ? keyless : untrusted).push(error);
    }
  }
  const signatures: VerifiedSignature[] = [...gpg.signatures];
  for (const [keyId, made] of claims) {
    const notFor = (name: string): boolean => !made.some(({ reference }) => isFor(reference, name, digest));
    const uncovered = names.find(notFor);
    if (uncovered !== undefined) {
      untrusted.push(otherName(source.location, uncovered, made));
      continue;
    }
    const renamed = check.given?.find(notFor);
    const notes = [
      ...(made.some(({ logged }) => logged) ? ['the entry in a transparency log was not looked at'] : []),
      ...(renamed === undefined ? [] : [`it is signed for ${namesOf(made)}, and gets the name ${renamed}, for which it is not signed`]),
    ];
    for (const identity of made[0]?.identities ?? []) signatures.push({ format: 'cosign', keyId, thumbprint: made[0]?.thumbprint, identity, notes });
  }
  return { signatures, untrusted: [...untrusted, ...keyless] };
}

/** What the image is called where it is: who asks a registry by digest means its repository. Undefined when it has no name there. */
function namesOfRoot({ names, askedAs }: Root): readonly string[] | undefined {
  if (names.length > 0) return names;
  return askedAs === undefined ? undefined : [askedAs];
}

/** What is signed with GPG lies apart from the image: in files that are named, and below folders by name and digest. */
async function gpgSigners({ descriptor, names }: Pick<Root, 'descriptor' | 'names'>, { trust, lookaside = [], network, files = [], signal }: ImageCheck): Promise<ImageSigners> {
  if (lookaside.length === 0 && files.length === 0) return { signatures: [], untrusted: [] };
  const { readLookaside } = await import('./lookaside.js');
  const { verifyGpgSignatures } = await import('./verify-gpg-signatures.js');
  const repositories = new Map(names.map((name) => [parseReference(name).repository, name]));
  const found = [...files];
  for (const place of lookaside) for (const name of repositories.values()) found.push(...(await readLookaside({ place, name, digest: descriptor.digest }, { network, signal })));
  return verifyGpgSignatures(found, { descriptor, names }, trust);
}

/** True when what was signed for `reference` holds for the name: the same repository, and the same tag if one was signed, and one is asked for. */
function isFor(reference: string | undefined, name: string, digest: string): boolean {
  if (reference === undefined) return true;
  const [signed, given] = [parsed(reference), parsed(name)];
  if (signed === undefined || given === undefined || signed.registry !== given.registry || signed.repository !== given.repository) return false;
  return (signed.tag === undefined || given.tag === undefined || signed.tag === given.tag) && (signed.digest === undefined || signed.digest === digest);
}

function parsed(name: string): Reference | undefined {
  try {
    return canonicalReference(parseReference(name));
  } catch {
    return undefined;
  }
}

function otherName(location: string, name: string, made: readonly VerifiedClaim[]): ImgkitError {
  const names = namesOf(made);
  return new ImgkitError('signature-untrusted', `${location}: the image is signed by ${made[0]?.identity} for the name ${names}, not for ${name}; ask for a signature for that name (imgkit sign LOCATION --reference NAME).`, { file: location, expected: name, found: names });
}

function namesOf(made: readonly VerifiedClaim[]): string {
  return [...new Set(made.map(({ reference }) => reference))].join(', ');
}
