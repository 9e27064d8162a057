import { ImgkitError } from '../errors.js';
import { shownLocation } from '../image/location-url.js';
import type { LayeredImage } from '../operations/image-layers.js';
import { openLayers } from '../operations/image-layers.js';
import { openImage, type OpenedImage, type OpenImageOptions } from './open-image.js';
import type { Session } from './session.js';

/** Opens the one image that `location` means, ready for its layers to be read. Throws `image-not-found` when it is no runnable image. */
export async function openLayeredImage(session: Session, location: string, platform: string | undefined, options: OpenImageOptions = {}): Promise<LayeredImage & OpenedImage> {
  const opened = await openImage(session, location, platform, options);
  const { source, image } = opened;
  if (image === undefined) throw new ImgkitError('image-not-found', `${shownLocation(location)}: it is not a runnable image, so it has no files; imgkit inspect shows what it is.`, { file: shownLocation(location) });
  return { ...opened, ...(await openLayers(source, image, session.limits)) };
}
