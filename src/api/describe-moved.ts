import { digestOf, type Digest } from '../content/digest.js';
import type { TransferRoot } from '../image/image-sink.js';
import { encodeMadeUpManifest } from '../image/made-up-manifest.js';
import { layerTypeFor } from '../image/media-type.js';
import type { Moved } from '../operations/move-images.js';
import type { MovedImage } from './results.js';

/** What became of every image of a transfer to a sink of `format`. */
export function describeMoved({ roots, transfer }: Moved, format: string): readonly MovedImage[] {
  const madeUp = format === 'docker-archive';
  return roots.map(({ root, from: origin, changedBecause, config, meant }) => {
    const digest = madeUp ? madeUpDigest(root, transfer) : root.descriptor.digest;
    const reason = madeUp ? 'a docker archive holds no manifest, so its readers make one up' : changedBecause;
    return {
      names: root.names,
      refName: root.names.length === 0 ? root.refName : undefined,
      digest,
      sourceDigest: origin.digest === digest ? undefined : origin.digest,
      changedBecause: origin.digest === digest && root.manifestOrigin === 'synthesized' ? undefined : reason,
      imageId: config?.digest,
      attached: meant ? undefined : true,
      manifestOrigin: madeUp ? 'synthesized' : root.manifestOrigin,
    };
  });
}

/** What readers of the docker archive will call the image, for annotations and Docker's media types are no part of it. */
function madeUpDigest(root: TransferRoot, { images }: Moved['transfer']): Digest {
  const image = images.find((each) => each.root === root);
  if (image === undefined) return root.descriptor.digest;
  const layers = image.layers.map(({ digest, size }) => ({ mediaType: layerTypeFor('oci', 'none'), digest, size }));
  return digestOf(encodeMadeUpManifest(image.config, layers));
}
