import { ImgkitError } from '../errors.js';
import { imageLayers, type ImageLayer } from '../filesystem/image-layer.js';
import type { ClosureImage } from '../image/closure.js';
import type { ImageConfig } from '../image/config.js';
import type { ImageSource } from '../image/image-source.js';
import type { Limits } from '../limits.js';
import { requireConsistent } from './check-config.js';
import { readConfig } from './read-closure.js';

/** An image whose config was read, whatever its layers are. */
export interface ConfiguredImage {
  readonly source: ImageSource;
  readonly image: ClosureImage;
  readonly config: ImageConfig;
}

/** An image whose layers can be looked into. */
export interface LayeredImage extends ConfiguredImage {
  /** Base first. */
  readonly layers: readonly ImageLayer[];
}

/** Reads the config of `image`. Throws `document-malformed` when config and manifest contradict each other. */
export async function openConfig(source: ImageSource, image: ClosureImage, limits: Limits): Promise<ConfiguredImage> {
  const config = await readConfig(source, image, limits);
  requireConsistent(config, image, source.location);
  return { source, image, config };
}

/** As {@link openConfig}, and lists its layers. Throws as `imageLayers` does, too. */
export async function openLayers(source: ImageSource, image: ClosureImage, limits: Limits): Promise<LayeredImage> {
  return withLayers(await openConfig(source, image, limits));
}

/** Adds the layers. Throws as `imageLayers` does. */
export function withLayers(image: ConfiguredImage): LayeredImage {
  const { source: { blobs, location }, image: { manifest }, config } = image;
  return { ...image, layers: imageLayers(blobs, location, manifest.layers, config.diffIds) };
}

/**
 * The layer that `selector` means: a number, 1 being the base, or the start (12 digits or more) of its digest or diffID.
 * Throws `usage`, saying which there are.
 */
export function selectLayer(layers: readonly ImageLayer[], selector: string, location: string): ImageLayer {
  const refuse = (problem: string): Error => new ImgkitError('usage', `${location}: ${problem}; it has layers 1 (the base) to ${layers.length}.`, { file: location, found: selector });
  if (/^\d{1,6}$/.test(selector)) {
    const layer = layers[Number(selector) - 1];
    if (layer === undefined) throw refuse(`there is no layer ${selector}`);
    return layer;
  }
  const prefix = /^(?:sha(?:256|512):)?([0-9a-f]{12,128})$/.exec(selector)?.[1];
  if (prefix === undefined) throw refuse(`${JSON.stringify(selector)} is neither the number of a layer nor 12 or more digits of its digest`);
  const found = layers.filter(({ descriptor: { digest }, diffId }) => [digest, diffId].some((each) => each.startsWith(selector) || each.slice(7).startsWith(selector)));
  const [first] = found;
  if (first === undefined) throw refuse(`no layer has the digest ${selector}`);
  if (found.some(({ diffId }) => diffId !== first.diffId)) throw refuse(`more than one layer starts with ${selector}`);
  return first;
}
