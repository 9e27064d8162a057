import { compareInodes } from '../filesystem/compare-inodes.js';
import { walkChanges } from '../filesystem/compare-trees.js';
import { hashBodies } from '../filesystem/hash-bodies.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { fileSize, type Inode } from '../filesystem/inode.js';
import { contentDifference, layerBetween, type LayerBetween } from '../filesystem/layer-between.js';
import { readTreePair, type TreePair } from '../filesystem/read-tree-pair.js';
import type { LayeredImage } from './image-layers.js';

/** The smallest layer that does what the layers of `image` from number `from` (base 0) to the top do. Its bodies lie in the image's layers. */
export async function squashLayers({ layers }: LayeredImage, from: number, options: ReadLayerOptions): Promise<LayerBetween> {
  const trees = await readTreePair(layers.slice(0, from), layers, { ...options, hash: true });
  // The layers below are read again only where a file seems to be the one that they hold already.
  await hashBodies(layers, writtenAnew(trees), { ...options, proof: 'digest' });
  const changes = walkChanges(trees.old, trees.new, { mtime: true, content: contentDifference });
  return layerBetween(trees.old, trees.new, changes, options.limits);
}

/** Files below that may be equal to what the layers above have under their names. */
function writtenAnew({ old, new: all }: TreePair): readonly Inode[] {
  const found: Inode[] = [];
  const content = (a: Inode, b: Inode): undefined => {
    const alike = a !== b && a.sha256 === undefined && fileSize(a) > 0 && fileSize(a) === fileSize(b) && compareInodes(a, b, { mtime: true }).length === 0;
    if (alike) found.push(a);
  };
  for (const change of walkChanges(old, all, { content })) void change;
  return found;
}
