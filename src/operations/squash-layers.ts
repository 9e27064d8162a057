import { compareTrees } from '../filesystem/compare-trees.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { contentDifference, layerBetween, type LayerBetween } from '../filesystem/layer-between.js';
import { readTreePair } from '../filesystem/read-tree-pair.js';
import type { LayeredImage } from './image-layers.js';

/** The smallest layer that does what the layers of `image` from number `from` (base 0) to the top do. Its bodies lie in the image's layers. */
export async function squashLayers({ layers }: LayeredImage, from: number, options: ReadLayerOptions): Promise<LayerBetween> {
  const { old: below, new: all } = await readTreePair(layers.slice(0, from), layers, { ...options, hash: true });
  const changes = compareTrees(below, all, { mtime: true, content: contentDifference });
  return layerBetween(below, all, changes, options.limits);
}
