import type { CompareOptions, Difference } from '../filesystem/compare-inodes.js';
import { sameBody } from '../filesystem/compare-inodes.js';
import { walkChanges, type TreeChange } from '../filesystem/compare-trees.js';
import { FileBytes } from '../filesystem/file-bytes.js';
import { hashBodies } from '../filesystem/hash-bodies.js';
import type { ImageLayer, ReadLayerOptions } from '../filesystem/image-layer.js';
import { fileSize, type Inode } from '../filesystem/inode.js';
import { BaseNeeded } from '../filesystem/partial-children.js';
import { StackPair, type LayerUse, type TreePair } from '../filesystem/read-tree-pair.js';
import type { TreeNode } from '../filesystem/tree-node.js';
import { walkTree } from '../filesystem/walk-tree.js';

/** How often trees of a part of the layers are made; each costs as much as all that was read. */
const MOST_TRIES = 8;

export interface DiffFilesOptions extends ReadLayerOptions, CompareOptions {}

/** Names of files on one side of a diff, and their bytes; those of a file with several names count once. */
export interface Tally {
  readonly files: number;
  readonly bytes: number;
}

export interface FilesDiff {
  /** Sorted by path; made while it is iterated. */
  readonly changes: Iterable<TreeChange>;
  /** Number of changes. */
  readonly count: number;
  /** What has a name only in the new image; files alone are counted. */
  readonly added: Tally;
  /** The new form of what both have, where its content or metadata differ. */
  readonly changed: Tally;
  /** What had a name only in the old one, below a deleted folder as well. */
  readonly deleted: Tally;
  /** What was read for it, base first. */
  readonly uses: readonly LayerUse[];
}

/**
 * How the files of two images differ. Each layer that only one of them has is read once, proven, and its files are hashed on the way.
 * Layers that both have at the bottom are not read unless the others leave something open, as of a path that only one of them
 * has: then their names are, from the top until that is known (see `StackPair.readNames`), and all of one again only where a file of it must be compared with one of
 * another layer. What they hold is taken to be what their digest says.
 */
export async function diffFiles(oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[], options: DiffFilesOptions): Promise<FilesDiff> {
  const reading = { ...options, proof: 'digest' } as const;
  const stacks = new StackPair(oldLayers, newLayers, reading);
  if (stacks.shared === oldLayers.length && stacks.shared === newLayers.length) return { ...tally([]), uses: stacks.uses };
  await stacks.readUpper(true);
  const trees = await leastTrees(stacks, options);
  /** Only files of shared layers have no digest, and those of both images are the same ones. */
  const unknown: Inode[] = [];
  const judge = (a: Inode, b: Inode): Difference | undefined => {
    const same = sameBody(a, b, oldLayers, newLayers);
    if (same === 'unknown') unknown.push(...[a, b].filter(({ sha256 }) => sha256 === undefined));
    return same === true ? undefined : 'content';
  };
  const changes = { [Symbol.iterator]: () => walkChanges(trees.old, trees.new, { ...options, content: judge }) };
  const first = tally(changes);
  if (unknown.length === 0) return { ...first, uses: stacks.uses };
  await hashBodies(oldLayers, unknown, reading);
  for (const number of new Set(unknown.map(({ layer }) => layer))) stacks.readAgain(oldLayers[number] as ImageLayer);
  return { ...tally(changes), uses: stacks.uses };
}

/** The trees that tell what differs, of as few shared layers as that takes. */
async function leastTrees(stacks: StackPair, options: CompareOptions): Promise<TreePair> {
  for (let tries = 1; ; tries++) {
    try {
      const trees = stacks.trees();
      if (!stacks.whole) tally(walkChanges(trees.old, trees.new, { ...options, content: () => undefined }));
      return trees;
    } catch (error) {
      if (!(error instanceof BaseNeeded)) throw error;
      await stacks.readNames(tries < MOST_TRIES ? error.path : undefined);
    }
  }
}

/** What one layer adds, changes and deletes. All that it holds but folders counts as changed whatever is in it, as in `docker diff`. */
export async function diffLayer(layers: readonly ImageLayer[], layer: ImageLayer, options: DiffFilesOptions): Promise<FilesDiff> {
  const below = layers.slice(0, layer.number);
  const stacks = new StackPair(below, [...below, layer], { ...options, proof: 'digest' });
  await stacks.readUpper(false);
  await stacks.readNames();
  const trees = stacks.trees();
  const content = (a: Inode, b: Inode, node: TreeNode): Difference | undefined => {
    if (fileSize(a) !== fileSize(b)) return 'content';
    // Where a link leads to was compared; what is in a file was not.
    if (options.contentOnly === true && a.type !== 'file') return undefined;
    return node.layer === layer.number ? 'rewritten' : undefined;
  };
  return { ...tally({ [Symbol.iterator]: () => walkChanges(trees.old, trees.new, { ...options, content }) }), uses: stacks.uses };
}

function tally(changes: Iterable<TreeChange>): Omit<FilesDiff, 'uses'> {
  const files = { added: 0, changed: 0, deleted: 0 };
  const bytes = { added: new FileBytes(), changed: new FileBytes(), deleted: new FileBytes() };
  let number = 0;
  const count = (kind: TreeChange['kind'], { inode }: TreeNode): void => {
    if (inode.type === 'directory') return;
    files[kind] += 1;
    bytes[kind].add(inode);
  };
  for (const { kind, path, old, new: node } of changes) {
    number += 1;
    if (node !== undefined) count(kind, node);
    if (old === undefined) continue;
    if (kind === 'deleted') count(kind, old);
    // What was in a folder that is gone, or is something else now.
    if (kind === 'deleted' || node?.inode.type !== 'directory') for (const each of walkTree(old, path)) count('deleted', each.node);
  }
  const sum = (kind: TreeChange['kind']): Tally => ({ files: files[kind], bytes: bytes[kind].total });
  return { changes, count: number, added: sum('added'), changed: sum('changed'), deleted: sum('deleted') };
}
