import { walkClosure } from '../image/closure.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { Limits } from '../limits.js';

/** True when `root` holds an image that can be run: then it is no signature and no SBOM, whatever it is called and says that it is about. */
export async function holdsImage({ blobs, location }: Pick<ImageSource, 'blobs' | 'location'>, { descriptor }: Root, limits: Limits): Promise<boolean> {
  return (await walkClosure(blobs, descriptor, limits, location)).images.length > 0;
}
