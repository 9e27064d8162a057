import { runConcurrently } from '../content/concurrent.js';
import type { ListedImage } from '../image/listing.js';
import { isIndexType, OCI_MANIFEST } from '../image/media-type.js';
import { formatReference, type Reference } from '../image/reference.js';
import type { Limits } from '../limits.js';
import { listTags } from './list-tags.js';
import { openPlaces } from './open-pull.js';
import type { OpenConnectionOptions } from './open-connection.js';
import { headManifest } from './read-manifest.js';

const TAGS_AT_ONCE = 8;

/**
 * The tags of a repository with the digest of each, sorted by name. Manifests are not read: registries count that as a pull, so
 * sizes and platforms stay unknown. A tag that goes away meanwhile is left out. Throws as `listTags`.
 */
export async function describeTags({ registry, repository }: Reference, options: OpenConnectionOptions & { readonly limits: Limits }): Promise<readonly ListedImage[]> {
  const { limits, signal } = options;
  const places = openPlaces({ registry, repository }, { ...options, network: { ...options.network, mirrors: [] } });
  try {
    const tags = (await listTags(places.origin, limits, signal)).toSorted();
    const images = new Map<string, ListedImage>();
    await runConcurrently(tags, { limit: TAGS_AT_ONCE, signal }, async (tag, stop) => {
      const found = await headManifest(places.origin, tag, limits, stop);
      if (found === undefined) return;
      const { digest, mediaType = OCI_MANIFEST } = found;
      images.set(tag, { names: [formatReference({ registry, repository, tag })], digest, mediaType, kind: isIndexType(mediaType) ? 'index' : 'image', manifestOrigin: 'stored' });
    });
    return tags.flatMap((tag) => images.get(tag) ?? []);
  } finally {
    await places.close();
  }
}
