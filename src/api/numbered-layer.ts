import type { Digest } from '../content/digest.js';
import type { LayeredImage } from '../operations/image-layers.js';

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
export function numberLayers({ layers, config }: Pick<LayeredImage, 'layers' | 'config'>): readonly NumberedLayer[] {
  const made = config.history.filter(({ emptyLayer }) => !emptyLayer);
  return layers.map(({ number, descriptor: { digest, size }, diffId }) => ({ number: number + 1, digest, diffId, size, createdBy: made[number]?.createdBy }));
}
