import type { Descriptor } from '../content/descriptor.js';
import { digestOf, type Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import { encodeIndex } from '../image/manifest-json.js';
import { OCI_INDEX } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import { pushManifest } from './push-manifest.js';
import { readReferrersTag, referrersTag } from './read-referrers.js';
import type { Repository } from './repository.js';

/** Another client may write the same tag at the same time; so often it is looked at again. */
const TRIES = 5;

/**
 * Lists `referrers` under the tag of their subject, for a registry without the referrers API (OCI distribution spec, "Referrers Tag
 * Schema"). What is listed already stays. Two writers at once can undo each other's entry: it is read back and tried again, and as another
 * may have read the list before this was in it, whoever is told true asks again in a while. Throws `registry-failed`, also when the tag
 * names something that is no list: that stays.
 */
export async function publishReferrers(repository: Repository, subject: Digest, referrers: readonly Descriptor[], limits: Limits, signal?: AbortSignal): Promise<boolean> {
  const reference = referrersTag(subject);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const there = await readReferrersTag(repository, subject, limits, signal);
    if (there !== undefined && there.list === undefined) throw new ImgkitError('registry-failed', `${repository.name}:${reference} names an image, where the list of what is about ${subject} belongs, which this registry needs; give that image another tag, remove this one, and push again.`, { file: repository.name, entry: subject });
    const listed = there?.list?.manifests ?? [];
    const known = new Set(listed.map(({ digest }) => digest));
    const added = referrers.filter(({ digest }) => !known.has(digest));
    if (added.length === 0) return attempt > 1;
    const bytes = encodeIndex({ mediaType: OCI_INDEX, manifests: [...listed, ...added], annotations: there?.list?.annotations });
    await pushManifest({ repository, reference, descriptor: { mediaType: OCI_INDEX, digest: digestOf(bytes), size: bytes.length }, bytes, signal });
  }
  const after = new Set(((await readReferrersTag(repository, subject, limits, signal))?.list?.manifests ?? []).map(({ digest }) => digest));
  if (referrers.every(({ digest }) => after.has(digest))) return true;
  throw new ImgkitError('registry-failed', `${repository.name}:${reference}: other clients change this list at the same time; push again.`, { file: repository.name, entry: subject });
}
