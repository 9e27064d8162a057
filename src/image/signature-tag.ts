import { digestAlgorithm, digestHex, type Digest } from '../content/digest.js';

const TAG = /(?:^|:)(sha256|sha512)-([0-9a-f]{64}(?:[0-9a-f]{64})?)\.sig$/;

/** The tag under which cosign keeps the signatures of the manifest `digest`, in the image's own repository. */
export function signatureTag(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}.sig`;
}

/** The manifest that a full name with such a tag, or the tag alone, is about; undefined for every other name. */
function signedDigest(name: string): Digest | undefined {
  const match = TAG.exec(name);
  return match === null ? undefined : (`${match[1]}:${match[2]}` as Digest);
}

/** The manifest that `root` holds cosign's signatures of, when it has no other name than such a tag; undefined for everything else. */
export function signedByTag({ names, refName }: { readonly names: readonly string[]; readonly refName?: string | undefined }): Digest | undefined {
  // One that has a name besides would get in by it, as what it is not.
  if (names.length > 0) return names.every((name) => signedDigest(name) !== undefined) ? signedDigest(names[0] as string) : undefined;
  return refName === undefined ? undefined : signedDigest(refName);
}
