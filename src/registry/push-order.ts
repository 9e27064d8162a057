import type { Digest } from '../content/digest.js';
import { parseIndex } from '../image/image-index.js';
import type { Transfer } from '../image/image-sink.js';
import { isIndexType } from '../image/media-type.js';
import type { Limits } from '../limits.js';

/** Documents with those that an index names before it: a registry takes no index whose members it has not got. */
export function childrenFirst(documents: Transfer['documents'], limits: Limits): readonly Digest[] {
  const ordered = new Set<Digest>();
  const open = new Set<Digest>();
  const visit = (digest: Digest): void => {
    const document = documents.get(digest);
    if (document === undefined || ordered.has(digest) || open.has(digest)) return;
    open.add(digest);
    const { descriptor, bytes } = document;
    if (isIndexType(descriptor.mediaType)) for (const member of parseIndex(bytes, descriptor, limits).manifests) visit(member.digest);
    ordered.add(digest);
  };
  for (const digest of documents.keys()) visit(digest);
  return [...ordered];
}
