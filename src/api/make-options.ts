import type { WriteOptions } from './options.js';

/** Options of the calls that make an image. `compress` is for new layers only: the others stay bit for bit. Default: gzip. */
export interface MakeOptions extends Omit<WriteOptions, 'allPlatforms' | 'signing'> {
  /** What the new image is called: a name in the store, or any location that can be written (`out.tar#app:2`, `oci:dir:2`). */
  readonly to: string;
}
