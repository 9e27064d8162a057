import type { Digest } from '../content/digest.js';
import { readBlob } from '../content/verified-read.js';
import { isImgkitError } from '../errors.js';
import { walkClosure } from '../image/closure.js';
import { parseConfig } from '../image/config.js';
import type { Limits } from '../limits.js';
import type { IndexEntry } from './index-file.js';
import type { LayoutBlobs } from './layout-blobs.js';

/**
 * The diffIDs of those of the layers `wanted` that an image of the layout has, as its config says: they were checked when it was loaded. The
 * newest images are asked first, and no more than it takes. One that cannot be read says nothing.
 */
export async function knownDiffIds(blobs: LayoutBlobs, entries: readonly IndexEntry[], wanted: Iterable<Digest>, limits: Limits): Promise<ReadonlyMap<Digest, Digest>> {
  const left = new Set(wanted);
  const known = new Map<Digest, Digest>();
  for (const { descriptor } of entries.toReversed()) {
    if (left.size === 0) break;
    try {
      const { images } = await walkClosure(blobs, descriptor, limits, descriptor.digest);
      for (const { manifest: { config, layers } } of images) {
        if (!layers.some(({ digest }) => left.has(digest))) continue;
        const { diffIds } = parseConfig(await readBlob(blobs, config, limits.configBytes), config.digest, limits);
        for (const [i, { digest }] of layers.entries()) {
          const diffId = diffIds[i];
          if (diffId !== undefined && left.delete(digest)) known.set(digest, diffId);
        }
      }
    } catch (error) {
      if (!isImgkitError(error)) throw error;
    }
  }
  return known;
}
