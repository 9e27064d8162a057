import type { Compression } from '../content/compression.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { isEncrypted, layerCompression } from './media-type.js';

/**
 * How the layer under `descriptor` is compressed, whose tar has the digest `diffId`; undefined for what cannot be decompressed. Where both digests
 * are one it is not, whatever its media type says: `podman save --uncompressed` and `skopeo --dest-oci-accept-uncompressed-layers` write such, and all readers go by the content.
 */
export function storedCompression({ mediaType, digest }: Descriptor, diffId: Digest | undefined): Compression | undefined {
  const compression = isEncrypted(mediaType) ? undefined : layerCompression(mediaType);
  return compression !== undefined && digest === diffId ? 'none' : compression;
}
