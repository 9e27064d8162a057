import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { TransferBlob } from '../image/image-sink.js';
import type { ImageSource } from '../image/image-source.js';
import type { MediaFamily } from '../image/media-type.js';

/** A layer, and what it decompresses to by its image config. */
export interface LayerToChange {
  readonly layer: Descriptor;
  readonly diffId: Digest;
}

/** Changes layers while an image is moved; remembers what it did, so that a layer shared by images is done once. */
export interface LayerChange {
  /** Why the manifest digest had to change: one sentence. */
  readonly reason: string;
  /** Sizes of decompressed layers that earlier attempts proved. */
  readonly learned: Map<Digest, number>;
  /** True when it has to change. Asked of the layers of runnable images, which are tars: compressed or not, encrypted or not. */
  changes(layer: LayerToChange): boolean;
  /** The media types to write. */
  family(current: MediaFamily): MediaFamily;
  /** Does the work for the layers of one manifest, several at once, before {@link convert} is asked for each. Default: `convert` does it. */
  prepare?(source: ImageSource, layers: readonly LayerToChange[], family: MediaFamily): Promise<void>;
  /** `layer` as the target will hold it. */
  convert(source: ImageSource, layer: Descriptor, diffId: Digest, family: MediaFamily): Promise<TransferBlob>;
}
