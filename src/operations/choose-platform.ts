import type { Platform } from '../content/descriptor.js';
import { ImgkitError } from '../errors.js';
import type { Closure, ClosureImage } from '../image/closure.js';
import type { ImageSource } from '../image/image-source.js';
import { formatPlatformFully, hostPlatform, selectPlatform } from '../image/platform.js';
import type { Limits } from '../limits.js';
import { readConfig, requireComplete } from './read-closure.js';

/**
 * The one image of `closure` that `wanted` means: that platform, or without one the host's, or the only one there is.
 * Throws `blob-missing` when all that is there lost a blob, else `image-not-found`, naming the platforms that are there, and `name` if it is one of several.
 */
export async function choosePlatform(source: ImageSource, closure: Closure, wanted: Platform | undefined, limits: Limits, name?: string): Promise<ClosureImage> {
  const found = await findPlatform(source, closure, wanted, limits);
  if (found !== undefined) return found;
  if (closure.images.length === 0) requireComplete(closure, source.location);
  const platforms = await Promise.all(closure.images.map(async (image) => formatPlatformFully(await platformOf(source, image, limits))));
  const have = platforms.length === 0 ? 'it holds no runnable image' : `it has ${platforms.join(', ')}`;
  throw new ImgkitError('image-not-found', `${source.location}:${name === undefined ? '' : ` ${name}:`} no image for ${formatPlatformFully(wanted ?? hostPlatform())}; ${have}. Choose one with --platform.`, { file: source.location });
}

/** As {@link choosePlatform}, but undefined when there is none. */
export async function findPlatform(source: ImageSource, closure: Closure, wanted: Platform | undefined, limits: Limits): Promise<ClosureImage | undefined> {
  if (wanted === undefined && closure.images.length === 1) return closure.images[0];
  const candidates = await Promise.all(closure.images.map(async (image) => ({ ...image.descriptor, platform: await platformOf(source, image, limits) })));
  const chosen = selectPlatform(candidates, wanted ?? hostPlatform());
  return closure.images.find(({ descriptor }) => descriptor.digest === chosen?.digest);
}

/** The platform of an image: as its index says, else as its config does. */
async function platformOf(source: ImageSource, image: ClosureImage, limits: Limits): Promise<Platform> {
  if (image.descriptor.platform !== undefined) return image.descriptor.platform;
  const { os, architecture, variant, 'os.version': build } = await readConfig(source, image, limits);
  return { os, architecture, ...(variant === undefined ? {} : { variant }), ...(build === undefined ? {} : { 'os.version': build }) };
}
