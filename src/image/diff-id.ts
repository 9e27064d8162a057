import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';

/** Throws `diffid-mismatch`, calling the layer `name`, unless it decompressed to what its config says. */
export function requireDiffId(layer: Digest, expected: Digest, found: Digest, name: string = layer): void {
  if (found === expected) return;
  throw new ImgkitError('diffid-mismatch', `${name}: has the diffID ${found}, but its image config says ${expected}; the image contradicts itself; get it again from who made it.`, { entry: layer, expected, found });
}
