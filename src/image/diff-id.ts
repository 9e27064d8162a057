import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';

/** Throws `diffid-mismatch` unless a layer decompressed to what its config says. */
export function requireDiffId(layer: Digest, expected: Digest, found: Digest): void {
  if (found === expected) return;
  throw new ImgkitError('diffid-mismatch', `Layer ${layer} decompresses to ${found}, but its image config says ${expected}; the image contradicts itself.`, { entry: layer, expected, found });
}
