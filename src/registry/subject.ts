import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { parseIndex } from '../image/image-index.js';
import { parseManifest } from '../image/manifest.js';
import { isIndexType } from '../image/media-type.js';
import type { Limits } from '../limits.js';

/** What a document is about, and its descriptor as a list of referrers shows it: with artifact type and annotations. */
export function subjectOf({ descriptor, bytes }: { readonly descriptor: Descriptor; readonly bytes: Uint8Array }, limits: Limits): { readonly subject: Digest; readonly descriptor: Descriptor } | undefined {
  const { mediaType, digest, size } = descriptor;
  const isIndex = isIndexType(mediaType);
  const document = isIndex ? parseIndex(bytes, descriptor, limits) : parseManifest(bytes, descriptor, limits);
  if (document.subject === undefined) return undefined;
  const artifactType = document.artifactType ?? ('config' in document ? document.config.mediaType : undefined);
  const { annotations } = document;
  return {
    subject: document.subject.digest,
    descriptor: { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }), ...(annotations.size === 0 ? {} : { annotations }) },
  };
}
