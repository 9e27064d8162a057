import type { WriteOptions } from './options.js';

/** Options of the calls that make an image. `compress` is for new layers only: the others stay bit for bit. Default: gzip. Signatures are no matter of theirs: let an image in by `load` or `copy` first. */
export interface MakeOptions extends Omit<WriteOptions, 'admission' | 'allPlatforms' | 'signing'> {
  /** What the new image is called: a name in the store, or any location that can be written (`out.tar#app:2`, `oci:dir:2`). */
  readonly to: string;
}
