import type { Digest } from '../content/digest.js';
import { walkClosure } from '../image/closure.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { isIndexType, isManifestType } from '../image/media-type.js';
import { signedByTag } from '../image/signature-tag.js';
import type { Limits } from '../limits.js';

/** A stored artifact that is about another manifest (OCI image spec, manifest.md, `subject`): a signature, an SBOM. */
export interface Referrer {
  readonly root: Root;
  readonly subject: Digest;
  readonly artifactType: string | undefined;
}

/** Every root of `source` that has a subject. */
export async function findReferrers(source: Pick<ImageSource, 'blobs' | 'location' | 'roots'>, limits: Limits): Promise<readonly Referrer[]> {
  const referrers: Referrer[] = [];
  for (const root of source.roots) {
    const { digest, mediaType } = root.descriptor;
    if (!isManifestType(mediaType) && !isIndexType(mediaType)) continue;
    const { documents } = await walkClosure(source.blobs, root.descriptor, limits, source.location);
    const document = documents.get(digest);
    const subject = (document?.manifest ?? document?.index)?.subject;
    if (subject === undefined) continue;
    const artifactType = document?.manifest?.artifactType ?? document?.index?.artifactType ?? document?.manifest?.config.mediaType;
    referrers.push({ root, subject: subject.digest, artifactType });
  }
  return referrers;
}

/**
 * `roots` and, behind them, the untagged artifacts about anything in their closures, and about those in turn; so do signatures of cosign,
 * which are named after what they are about (`sha256-HEX.sig`).
 */
export async function withReferrers(source: ImageSource, roots: readonly Root[], limits: Limits): Promise<readonly Root[]> {
  const candidates = new Set(source.roots.filter((root) => (root.names.length === 0 || signedByTag(root) !== undefined) && !roots.includes(root)));
  if (candidates.size === 0) return roots;
  const about = new Set<Digest>();
  const cover = async ({ descriptor }: Root): Promise<void> => {
    const { documents } = await walkClosure(source.blobs, descriptor, limits, source.location);
    for (const digest of documents.keys()) about.add(digest);
  };
  for (const root of roots) await cover(root);
  // Only these are read: what else lies in the source may be damaged and is not asked for.
  const tagged = [...candidates].flatMap((root) => {
    const subject = signedByTag(root);
    return subject === undefined ? [] : [{ root, subject }];
  });
  const untagged = [...candidates].filter((root) => signedByTag(root) === undefined);
  const referrers = [...tagged, ...(await findReferrers({ blobs: source.blobs, location: source.location, roots: untagged }, limits))];
  const all = [...roots];
  for (let found = true; found;) {
    found = false;
    for (const { root, subject } of referrers) {
      if (!about.has(subject) || all.includes(root)) continue;
      all.push(root);
      await cover(root);
      found = true;
    }
  }
  return all;
}
