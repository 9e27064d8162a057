import type { Descriptor } from '../content/descriptor.js';
import { encodeManifest } from './manifest-json.js';
import { OCI_CONFIG } from './media-type.js';

/** The manifest that an image gets when it is read from a docker archive, which holds none: of its config and layers, and nothing else. */
export function encodeMadeUpManifest({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, layers: readonly Descriptor[]): Uint8Array {
  return encodeManifest({ config: { mediaType: OCI_CONFIG, digest, size }, layers });
}
