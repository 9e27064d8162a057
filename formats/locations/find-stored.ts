import { ImgkitError, isImgkitError } from '../../src/errors.js';
import { walkClosure } from '../../src/image/closure.js';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import type { Location } from '../../src/image/location.js';
import { familiarName, parseReference } from '../../src/image/reference.js';
import type { Limits } from '../../src/limits.js';
import { findRoot } from '../../src/store/find-root.js';

/**
 * The root of the store that a location means: a name, the start of a manifest's digest or, as docker prints it, of an image ID
 * (the config's digest). Throws `image-not-found`, `image-ambiguous`.
 */
export async function findStored(source: ImageSource, { reference, digestPrefix }: Extract<Location, { kind: 'store' }>, limits: Limits): Promise<Root> {
  try {
    const root = findRoot(source.roots, reference ?? digestPrefix ?? '');
    // One name was asked for; the image's other names stay here.
    return reference !== undefined && root.names.includes(reference) ? { ...root, names: [reference] } : root;
  } catch (error) {
    if (!isImgkitError(error, 'image-not-found')) throw error;
    if (digestPrefix === undefined) throw withElsewhere(error, reference);
    const byId = await rootsOfImageId(source, digestPrefix, limits);
    const [root] = byId;
    if (root === undefined) throw error;
    if (byId.length === 1) return root;
    const names = byId.map(({ names: [name], descriptor }) => name ?? descriptor.digest);
    throw new ImgkitError('image-ambiguous', `${digestPrefix} is the ID of ${byId.length} images with different manifests: ${names.join(', ')}; name one.`, { entry: digestPrefix }, { cause: error });
  }
}

/** `docker save app` means what the engine has; so may who writes `imgkit save app`. */
function withElsewhere(error: ImgkitError, reference: string | undefined): ImgkitError {
  if (reference === undefined) return error;
  return new ImgkitError(error.code, `${error.message} An image of the Docker engine is written docker-daemon:${familiarName(parseReference(reference))}.`, error.details, { cause: error });
}

async function rootsOfImageId(source: ImageSource, prefix: string, limits: Limits): Promise<readonly Root[]> {
  const found: Root[] = [];
  for (const root of source.roots) {
    const { images } = await walkClosure(source.blobs, root.descriptor, limits, source.location);
    if (images.some(({ manifest }) => manifest.config.digest.startsWith(prefix))) found.push(root);
  }
  return found;
}
