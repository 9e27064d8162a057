import { ImgkitError } from '../errors.js';
import type { ClosureImage } from '../image/closure.js';
import { shownLocation } from '../image/location-url.js';
import { requireComplete } from '../operations/read-closure.js';
import type { OpenedImage } from './open-image.js';

/**
 * The image that was picked at `location`. Throws `blob-missing` where one would be that lost a blob, and `image-not-found` for
 * an artifact, with `consequence`: a clause.
 */
export function requireImage({ image, closure, source }: OpenedImage, location: string, consequence: string): ClosureImage {
  if (image !== undefined) return image;
  requireComplete(closure, source.location);
  const file = shownLocation(location);
  throw new ImgkitError('image-not-found', `${file}: it is not a runnable image, so ${consequence}; imgkit inspect shows what it is.`, { file });
}
