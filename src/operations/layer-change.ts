import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { TransferBlob } from '../image/image-sink.js';
import type { ImageSource } from '../image/image-source.js';
import type { MediaFamily } from '../image/media-type.js';

/** Changes layers while an image is moved; remembers what it did, so that a layer shared by images is done once. */
export interface LayerChange {
  /** Why the manifest digest had to change: one sentence. */
  readonly reason: string;
  /** Sizes of decompressed layers that earlier attempts proved. */
  readonly learned: Map<Digest, number>;
  /** True when a layer of this media type has to change. */
  changes(mediaType: string): boolean;
  /** The media types to write. */
  family(current: MediaFamily): MediaFamily;
  /** `layer` as the target will hold it. */
  convert(source: ImageSource, layer: Descriptor, diffId: Digest, family: MediaFamily): Promise<TransferBlob>;
}
