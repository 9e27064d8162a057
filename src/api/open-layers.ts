import type { LayeredImage } from '../operations/image-layers.js';
import { openLayers } from '../operations/image-layers.js';
import { openImage, type OpenedImage, type OpenImageOptions } from './open-image.js';
import { requireImage } from './require-image.js';
import type { Session } from './session.js';

/** Opens the one image that `location` means, ready for its layers to be read. Throws as {@link requireImage} does. */
export async function openLayeredImage(session: Session, location: string, platform: string | undefined, options: OpenImageOptions = {}): Promise<LayeredImage & OpenedImage> {
  const opened = await openImage(session, location, platform, options);
  return { ...opened, ...(await openLayers(opened.source, requireImage(opened, location, 'it has no files'), session.limits)) };
}
