import { runConcurrently } from '../content/concurrent.js';
import type { ChangeListener } from './apply-layer.js';
import { FileTree } from './file-tree.js';
import { announceLayers, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import type { LayerChanges } from './layer-changes.js';
import { readLayer, type BodyReceiver } from './read-layer.js';

/** While one layer's bytes are looked through here, zlib's threads decode those of another. */
const LAYERS_AT_ONCE = 2;

export interface ReadTreeOptions extends ReadLayerOptions {
  /** Called for each layer that is read: who gets its bodies. */
  readonly receiver?: ((layer: ImageLayer) => BodyReceiver | undefined) | undefined;
  /** Called before each layer is applied, in order, with the tree below it: who hears what it changes. */
  readonly listener?: ((changes: LayerChanges, tree: FileTree) => ChangeListener | undefined) | undefined;
}

/** The tree that `layers`, base first, make. Every layer is read and proven once. Throws as `readLayer` and `FileTree.apply` do. */
export async function readTree(layers: readonly ImageLayer[], options: ReadTreeOptions): Promise<FileTree> {
  announceLayers(layers, options);
  const tree = new FileTree(options.limits);
  const read = new Map<ImageLayer, LayerChanges>();
  let next = 0;
  await runConcurrently(layers, { limit: LAYERS_AT_ONCE, signal: options.signal }, async (layer, signal) => {
    read.set(layer, await readLayer(layer, { ...options, signal }, options.receiver?.(layer)));
    // Applied as soon as its turn comes, so that few lists are held at once.
    for (let at = layers[next]; at !== undefined; at = layers[next]) {
      const changes = read.get(at);
      if (changes === undefined) break;
      read.delete(at);
      next += 1;
      tree.apply(changes, options.listener?.(changes, tree));
    }
  });
  return tree;
}
