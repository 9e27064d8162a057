import { openConfig, withLayers, type ConfiguredImage, type LayeredImage } from '../operations/image-layers.js';
import { openImage, type OpenedImage, type OpenImageOptions } from './open-image.js';
import { requireImage } from './require-image.js';
import type { Session } from './session.js';

/** Opens the one image that `location` means, and reads its config. Throws as {@link requireImage} does. */
export async function openConfiguredImage(session: Session, location: string, platform: string | undefined, options: OpenImageOptions = {}): Promise<ConfiguredImage & OpenedImage> {
  const opened = await openImage(session, location, platform, options);
  return { ...opened, ...(await openConfig(opened.source, requireImage(opened, location, 'it has no files'), session.limits)) };
}

/** As {@link openConfiguredImage}, ready for its layers to be read. Throws `compression-unsupported` when one cannot be looked into. */
export async function openLayeredImage(session: Session, location: string, platform: string | undefined, options: OpenImageOptions = {}): Promise<LayeredImage & OpenedImage> {
  const opened = await openConfiguredImage(session, location, platform, options);
  return { ...opened, ...withLayers(opened) };
}
