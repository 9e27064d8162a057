import { runConcurrently } from '../content/concurrent.js';
import type { Digest } from '../content/digest.js';
import { BodyHasher } from './body-hasher.js';
import { FileTree } from './file-tree.js';
import { announceLayers, type ImageLayer, type ReadLayerOptions } from './image-layer.js';
import { mayTell, type LayerChanges } from './layer-changes.js';
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
  /** How many layers, counted from the base, were not read. */
  #unread: number;
  readonly #changes = new Map<ImageLayer, LayerChanges>();
  readonly #uses = new Map<ImageLayer, LayerUse>();

  constructor(old: readonly ImageLayer[], fresh: readonly ImageLayer[], options: ReadLayerOptions) {
    this.#old = old;
    this.#new = fresh;
    this.#options = options;
    this.shared = sharedLayers(old, fresh);
    this.#unread = this.shared;
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

  /** Reads all shared layers. */
  async readShared(): Promise<void> {
    await this.#read(this.#old.slice(0, this.#unread), false);
    this.#unread = 0;
  }

  /**
   * Reads the names of shared layers, two at a time and from the topmost that was not read, until one may tell what is at `path`; of
   * all without one. Of a layer that is uncompressed and in a local file the headers alone are read, unproven; a compressed one is read
   * to its end anyway, and proven.
   */
  async readNames(path?: string): Promise<void> {
    for (let told = false; !told && !this.whole;) {
      const layers = this.#old.slice(Math.max(0, this.#unread - LAYERS_AT_ONCE), this.#unread);
      await this.#read(layers, false, 'names');
      this.#unread -= layers.length;
      told = path !== undefined && layers.some((layer) => mayTell(this.#changes.get(layer) as LayerChanges, path));
    }
  }

  /** Whether all layers were read. */
  get whole(): boolean {
    return this.#unread === 0;
  }

  /**
   * The trees of what was read. While that is not the whole, to ask what the other layers decide throws `BaseNeeded`, now or when the
   * trees are walked. Whole trees can be had once.
   */
  trees(): TreePair {
    const { limits } = this.#options;
    const make = (): FileTree => (this.whole ? new FileTree(limits) : FileTree.overUnread(limits));
    const pair = { old: make(), new: make() };
    for (const layer of this.#old.slice(this.#unread, this.shared)) {
      const changes = this.#changesOf(layer);
      pair.old.apply(changes);
      // The inodes are the same objects: they are not compared.
      pair.new.apply(changes);
    }
    for (const layer of this.#old.slice(this.shared)) pair.old.apply(this.#changesOf(layer));
    for (const layer of this.#new.slice(this.shared)) pair.new.apply(this.#changesOf(layer));
    return pair;
  }

  /** To be called when a shared layer was read again, all of it. */
  readAgain(layer: ImageLayer): void {
    const { digest, size } = layer.descriptor;
    this.#uses.set(layer, { digest, shared: true, read: 'all', bytes: (this.#uses.get(layer)?.bytes ?? 0) + size });
  }

  /** A list of entries is as large as a tree: it is given away with the last trees. */
  #changesOf(layer: ImageLayer): LayerChanges {
    const changes = this.#changes.get(layer) as LayerChanges;
    if (this.whole) this.#changes.delete(layer);
    return changes;
  }

  async #read(layers: readonly ImageLayer[], hash: boolean, need: 'all' | 'names' = 'all'): Promise<void> {
    if (need === 'all') announceLayers(layers, this.#options);
    await runConcurrently(layers, { limit: LAYERS_AT_ONCE, signal: this.#options.signal }, async (layer, signal) => {
      const { descriptor: { digest, size }, compression, blobs } = layer;
      const shared = this.#isShared(layer);
      const input = need === 'names' && compression === 'none' ? await blobs.locate(digest) : undefined;
      if (input !== undefined) {
        const { changes, bytes } = await readLayerNames(layer, input, { ...this.#options, signal });
        this.#changes.set(layer, changes);
        this.#uses.set(layer, { digest, shared, read: 'names', bytes });
        return;
      }
      this.#changes.set(layer, await readLayer(layer, { ...this.#options, signal }, hash ? new BodyHasher() : undefined));
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
  await stacks.readShared();
  await stacks.readUpper(options.hash);
  return stacks.trees();
}

/** How many layers, counted from the base, the two have in common. By digest, to which a layer is held when it is read; to what a config says of diffIDs it may not be. */
function sharedLayers(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[]): number {
  let shared = 0;
  while (shared < oldLayers.length && shared < newLayers.length && oldLayers[shared]?.descriptor.digest === newLayers[shared]?.descriptor.digest) shared += 1;
  return shared;
}
