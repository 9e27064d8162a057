import type { Digest } from '../content/digest.js';
import type { ConfiguredImage } from '../operations/image-layers.js';

/** A layer as the numbers in a listing mean it. */
export interface NumberedLayer {
  /** 1 is the base. */
  readonly number: number;
  readonly digest: Digest;
  readonly diffId: Digest;
  /** Bytes as stored. */
  readonly size: number;
  /** The history entry that made it. */
  readonly createdBy?: string | undefined;
}

/** The layers of an image, base first. */
export function numberLayers({ image, config }: ConfiguredImage): readonly NumberedLayer[] {
  const made = config.history.filter(({ emptyLayer }) => !emptyLayer);
  return image.manifest.layers.map(({ digest, size }, number) => ({ number: number + 1, digest, diffId: config.diffIds[number] as Digest, size, createdBy: made[number]?.createdBy }));
}
