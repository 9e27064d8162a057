import { runConcurrently } from '../content/concurrent.js';
import type { Digest } from '../content/digest.js';
import { BodyHasher } from './body-hasher.js';
import { FileTree } from './file-tree.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import type { LayerChanges } from './layer-changes.js';
import { readLayer } from './read-layer.js';
import { readLayerNames } from './read-layer-names.js';

const LAYERS_AT_ONCE = 2;

export interface TreePair {
  readonly old: FileTree;
  readonly new: FileTree;
}

/** How much of a layer was read: `all` proves its digest; `names` are headers alone, which prove nothing. */
export interface LayerUse {
  readonly digest: Digest;
  /** Whether both images have it at the bottom. */
  readonly shared: boolean;
  readonly read: 'all' | 'names' | 'nothing';
  /** Stored bytes that were read. */
  readonly bytes: number;
}

/** The trees of two stacks of layers, of which each layer is read once at most, and those that both have at the bottom as late as possible. */
export class StackPair {
  /** How many layers, counted from the base, both have. */
  readonly shared: number;
  readonly #old: readonly ImageLayer[];
  readonly #new: readonly ImageLayer[];
  readonly #options: ReadLayerOptions;
  readonly #changes = new Map<ImageLayer, LayerChanges>();
  readonly #uses = new Map<ImageLayer, LayerUse>();

  constructor(old: readonly ImageLayer[], fresh: readonly ImageLayer[], options: ReadLayerOptions) {
    this.#old = old;
    this.#new = fresh;
    this.#options = options;
    this.shared = sharedLayers(old, fresh);
  }

  /** Base first; those of the old image before those of the new. */
  get uses(): readonly LayerUse[] {
    const { shared } = this;
    return [...this.#old, ...this.#new.slice(shared)].map((layer): LayerUse => this.#uses.get(layer) ?? { digest: layer.descriptor.digest, shared: this.#isShared(layer), read: 'nothing', bytes: 0 });
  }

  /** Reads the layers that are not shared; with `hash` their files get their digests. */
  async readUpper(hash: boolean): Promise<void> {
    await this.#read([...this.#old.slice(this.shared), ...this.#new.slice(this.shared)], hash);
  }

  /**
   * Reads the shared layers. `names`: of one that is uncompressed and in a local file the headers alone, unproven; a compressed one
   * is read to its end anyway, and proven.
   */
  async readShared(need: 'all' | 'names'): Promise<void> {
    await this.#read(this.#old.slice(0, this.shared), false, need);
  }

  /** The trees of what was read above the shared layers. To ask what those decide throws `BaseNeeded`, now or when the trees are walked. */
  partialTrees(): TreePair {
    const { limits } = this.#options;
    return this.#apply({ old: FileTree.overUnread(limits), new: FileTree.overUnread(limits) }, (layer) => this.#changes.get(layer));
  }

  /** The trees of all layers, which were read; once. */
  trees(): TreePair {
    const { limits } = this.#options;
    const pair = { old: new FileTree(limits), new: new FileTree(limits) };
    for (const layer of this.#old.slice(0, this.shared)) {
      const changes = this.#take(layer);
      pair.old.apply(changes);
      // The inodes are the same objects: they are not compared.
      pair.new.apply(changes);
    }
    return this.#apply(pair, (layer) => this.#take(layer));
  }

  /** To be called when a shared layer was read again, all of it. */
  readAgain(layer: ImageLayer): void {
    const { digest, size } = layer.descriptor;
    this.#uses.set(layer, { digest, shared: true, read: 'all', bytes: (this.#uses.get(layer)?.bytes ?? 0) + size });
  }

  #apply(pair: TreePair, changesOf: (layer: ImageLayer) => LayerChanges | undefined): TreePair {
    for (const layer of this.#old.slice(this.shared)) pair.old.apply(changesOf(layer) as LayerChanges);
    for (const layer of this.#new.slice(this.shared)) pair.new.apply(changesOf(layer) as LayerChanges);
    return pair;
  }

  /** A list of entries is as large as a tree: it is given away. */
  #take(layer: ImageLayer): LayerChanges {
    const changes = this.#changes.get(layer) as LayerChanges;
    this.#changes.delete(layer);
    return changes;
  }

  async #read(layers: readonly ImageLayer[], hash: boolean, need: 'all' | 'names' = 'all'): Promise<void> {
    await runConcurrently(layers, LAYERS_AT_ONCE, async (layer) => {
      const { descriptor: { digest, size }, compression, blobs } = layer;
      const shared = this.#isShared(layer);
      const input = need === 'names' && compression === 'none' ? await blobs.locate(digest) : undefined;
      if (input !== undefined) {
        const { changes, bytes } = await readLayerNames(layer, input, this.#options);
        this.#changes.set(layer, changes);
        this.#uses.set(layer, { digest, shared, read: 'names', bytes });
        return;
      }
      this.#changes.set(layer, await readLayer(layer, this.#options, hash ? new BodyHasher() : undefined));
      this.#uses.set(layer, { digest, shared, read: 'all', bytes: size });
    });
  }

  #isShared({ number }: ImageLayer): boolean {
    return number < this.shared;
  }
}

/**
 * The trees of two stacks of layers. A layer that both have at the bottom is read once, and both trees share its inodes;
 * with `hash` the files of all other layers get their digest on the way. All of it is proven.
 */
export async function readTreePair(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[], options: ReadLayerOptions & { readonly hash: boolean }): Promise<TreePair> {
  const stacks = new StackPair(oldLayers, newLayers, options);
  await stacks.readShared('all');
  await stacks.readUpper(options.hash);
  return stacks.trees();
}

/** How many layers, counted from the base, the two have in common. By digest, to which a layer is held when it is read; to what a config says of diffIDs it may not be. */
function sharedLayers(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[]): number {
  let shared = 0;
  while (shared < oldLayers.length && shared < newLayers.length && oldLayers[shared]?.descriptor.digest === newLayers[shared]?.descriptor.digest) shared += 1;
  return shared;
}
