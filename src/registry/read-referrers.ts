import type { Descriptor } from '../content/descriptor.js';
import type { JsonObject } from '../content/json.js';
import { digestAlgorithm, digestHex, type Digest } from '../content/digest.js';
import { readDescriptors } from '../image/descriptor-json.js';
import { checkFanOut } from '../image/document.js';
import { parseIndex, type ImageIndex } from '../image/image-index.js';
import { isIndexType, isManifestType, OCI_INDEX } from '../image/media-type.js';
import type { HttpResponse } from '../network/http-client.js';
import type { Limits } from '../limits.js';
import { readManifest } from './read-manifest.js';
import { readPages } from './read-pages.js';
import type { Repository } from './repository.js';

/** The tag that lists what is about `subject` where a registry has no referrers API (OCI distribution spec, "Referrers Tag Schema"). */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject)}-${digestHex(subject).slice(0, 64)}`;
}

/**
 * The artifacts that are about `subject`: by the referrers API, else by the tag schema; empty when there are none. What is listed
 * twice comes once. Throws `document-malformed`, `limit-exceeded`, `registry-failed`.
 */
export async function readReferrers(repository: Repository, subject: Digest, limits: Limits, signal?: AbortSignal): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  const doing = `asking what is about ${repository.name}@${subject}`;
  let api = true;
  const otherwise = async (response: HttpResponse): Promise<'none'> => {
    // Old registries answer an unknown path in many ways; only a failure of their own must not pass for "nothing there".
    if (response.status >= 500 || response.status === 429) throw await repository.failure(response, { doing });
    api = false;
    await response.discard();
    return 'none';
  };
  // Some show a page for people under every path that they do not know.
  const isAnswer = ({ headers }: HttpResponse): boolean => !/^text\/html\b/i.test(headers.get('content-type') ?? '');
  for await (const { page } of readPages({ repository, path: `referrers/${subject}`, doing, limits, accept: OCI_INDEX, signal, isAnswer }, otherwise)) {
    for (const descriptor of listed(page, doing, limits)) found.set(descriptor.digest, descriptor);
    checkFanOut(found.size, doing, limits);
  }
  const byTag = api ? undefined : await readReferrersTag(repository, subject, limits, signal);
  for (const descriptor of byTag?.list?.manifests ?? []) found.set(descriptor.digest, descriptor);
  return [...found.values()].filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));
}

/** The index behind {@link referrersTag}; undefined when there is none, without `list` when the tag names something else. */
export async function readReferrersTag(repository: Repository, subject: Digest, limits: Limits, signal?: AbortSignal): Promise<{ readonly list: ImageIndex | undefined } | undefined> {
  const fetched = await readManifest(repository, referrersTag(subject), limits, signal);
  if (fetched === undefined) return undefined;
  if (!isIndexType(fetched.mediaType)) return { list: undefined };
  return { list: parseIndex(fetched.bytes, { ...fetched, size: fetched.bytes.length }, limits, `${repository.name}:${referrersTag(subject)}`) };
}

function listed(page: JsonObject, doing: string, limits: Limits): readonly Descriptor[] {
  const manifests = page.get('manifests');
  const values = Array.isArray(manifests) ? (manifests as Parameters<typeof readDescriptors>[0]) : [];
  checkFanOut(values.length, doing, limits);
  return readDescriptors(values, doing);
}
