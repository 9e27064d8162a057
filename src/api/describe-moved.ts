import type { Moved } from '../operations/move-images.js';
import type { MovedImage } from './results.js';

/** What became of every image of a transfer to a sink of `format`. */
export function describeMoved({ roots }: Moved, format: string): readonly MovedImage[] {
  return roots.map(({ root, from: origin, changedBecause, config }) => ({
    names: root.names,
    digest: root.descriptor.digest,
    sourceDigest: origin.digest === root.descriptor.digest ? undefined : origin.digest,
    changedBecause: format === 'docker-archive' ? 'a docker archive holds no manifest, so its readers make one up' : changedBecause,
    imageId: config?.digest,
    manifestOrigin: format === 'docker-archive' ? 'synthesized' : root.manifestOrigin,
  }));
}
