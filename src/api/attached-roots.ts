import type { ImageSource, Root } from '../image/image-source.js';
import { signedByTag } from '../image/signature-tag.js';
import type { Limits } from '../limits.js';
import { findReferrers } from '../operations/referrers.js';

/** Of several roots, those that are about others (signatures, SBOMs; untagged, or by cosign's tag): they go along, and a name at the target is not for them. */
export async function attachedRoots(source: ImageSource, roots: readonly Root[], limits: Limits): Promise<ReadonlySet<Root>> {
  const untagged = roots.filter(({ names, refName }) => names.length === 0 && refName === undefined);
  const signatures = roots.filter((root) => signedByTag(root) !== undefined);
  if (roots.length < 2 || untagged.length + signatures.length === 0) return new Set();
  const attached = new Set([...signatures, ...(await findReferrers({ blobs: source.blobs, location: source.location, roots: untagged }, limits)).map(({ root }) => root)]);
  return attached.size < roots.length ? attached : new Set();
}
