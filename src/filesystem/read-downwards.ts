import { FileTree } from './file-tree.js';
import { announceLayers, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import { LayerChanges } from './layer-changes.js';
import { readLayer } from './read-layer.js';
import type { TarStage } from './tar-stage.js';

/**
 * The tree that `layers`, base first, make, read from the top down, so that `stage` can write bodies as they go by. Every layer is read and
 * proven once. The names of all of them are held until the last is read: undefined when they are more than one layer may have.
 * Throws as `readLayer` and `FileTree.apply` do.
 */
export async function readDownwards(layers: readonly ImageLayer[], stage: TarStage, options: ReadLayerOptions): Promise<FileTree | undefined> {
  const { limits } = options;
  announceLayers(layers, options);
  const read: LayerChanges[] = [];
  let names = 0;
  for (const layer of layers.toReversed()) {
    const changes = new LayerChanges(layer.number, layer.name);
    await readLayer(layer, { ...options, hashing: 'here' }, stage.receiver(changes), changes);
    stage.finish(changes);
    names += changes.additions.length + changes.removals.length;
    if (names > limits.layerEntries) return undefined;
    read.push(changes);
  }
  const tree = new FileTree(limits);
  for (const changes of read.toReversed()) tree.apply(changes);
  return tree;
}
