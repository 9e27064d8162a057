import type { Descriptor } from '../content/descriptor.js';
import { isImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { parseIndex } from './image-index.js';
import { parseManifest } from './manifest.js';
import { isIndexType } from './media-type.js';

/** A manifest or an index. */
export interface StoredDocument {
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
  readonly bytes: Uint8Array;
}

/**
 * False when it is certain that `before` does not become `there`, by a change of layers alone: that always makes another manifest,
 * with the same config, and another index, of as many manifests.
 */
export function mayBecome(there: StoredDocument, before: StoredDocument, limits: Limits): boolean {
  if (there.descriptor.digest === before.descriptor.digest) return false;
  const isIndex = isIndexType(before.descriptor.mediaType);
  if (isIndexType(there.descriptor.mediaType) !== isIndex) return false;
  const kept = ({ bytes, descriptor }: StoredDocument): unknown => (isIndex ? parseIndex(bytes, descriptor, limits).manifests.length : parseManifest(bytes, descriptor, limits).config.digest);
  try {
    return kept(there) === kept(before);
  } catch (error) {
    // What is not valid is not what will be written.
    if (isImgkitError(error)) return false;
    throw error;
  }
}
