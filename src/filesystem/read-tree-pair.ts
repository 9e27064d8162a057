import { runConcurrently } from '../content/concurrent.js';
import { BodyHasher } from './body-hasher.js';
import { FileTree } from './file-tree.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import type { LayerChanges } from './layer-changes.js';
import { readLayer } from './read-layer.js';

const LAYERS_AT_ONCE = 2;

export interface TreePair {
  readonly old: FileTree;
  readonly new: FileTree;
}

/**
 * The trees of two stacks of layers. A layer that both have at the bottom is read once, and both trees share its inodes;
 * with `hash` the files of all other layers get their digest on the way.
 */
export async function readTreePair(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[], options: ReadLayerOptions & { readonly hash: boolean }): Promise<TreePair> {
  const shared = sharedLayers(oldLayers, newLayers);
  const read = new Map<ImageLayer, LayerChanges>();
  const common = oldLayers.slice(0, shared);
  await runConcurrently([...oldLayers, ...newLayers.slice(shared)], LAYERS_AT_ONCE, async (layer) => {
    const hasher = options.hash && !common.includes(layer) ? new BodyHasher() : undefined;
    read.set(layer, await readLayer(layer, options, hasher));
  });
  const pair = { old: new FileTree(options.limits), new: new FileTree(options.limits) };
  const apply = (layers: readonly ImageLayer[], ...trees: readonly FileTree[]): void => {
    for (const layer of layers) {
      for (const tree of trees) tree.apply(read.get(layer) as LayerChanges);
      // A list of entries is as large as a tree.
      read.delete(layer);
    }
  };
  apply(common, pair.old, pair.new);
  apply(oldLayers.slice(shared), pair.old);
  apply(newLayers.slice(shared), pair.new);
  return pair;
}

/** How many layers, counted from the base, the two have in common. By digest, which is proven; what a config says of diffIDs is not. */
export function sharedLayers(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[]): number {
  let shared = 0;
  while (shared < oldLayers.length && shared < newLayers.length && oldLayers[shared]?.descriptor.digest === newLayers[shared]?.descriptor.digest) shared += 1;
  return shared;
}
