import type { Moved } from '../operations/move-images.js';
import type { MovedImage } from './results.js';

/** What became of every image of a transfer to a sink of `format`. */
export function describeMoved({ roots }: Moved, format: string): readonly MovedImage[] {
  return roots.map(({ root, from: origin, changedBecause, config, meant }) => ({
    names: root.names,
    refName: root.names.length === 0 ? root.refName : undefined,
    digest: root.descriptor.digest,
    sourceDigest: origin.digest === root.descriptor.digest ? undefined : origin.digest,
    changedBecause: format === 'docker-archive' ? 'a docker archive holds no manifest, so its readers make one up' : changedBecause,
    imageId: config?.digest,
    attached: meant ? undefined : true,
    manifestOrigin: format === 'docker-archive' ? 'synthesized' : root.manifestOrigin,
  }));
}
