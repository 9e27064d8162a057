import { walkChanges, type TreeChange } from '../filesystem/compare-trees.js';
import { IMPLIED_FOLDER } from '../filesystem/inode.js';
import { contentDifference, layerBetween, type LayerBetween } from '../filesystem/layer-between.js';
import type { ReadLayerOptions } from '../filesystem/image-layer.js';
import { split } from '../filesystem/path-parts.js';
import { readTree } from '../filesystem/read-tree.js';
import { reconcileRootfs } from '../filesystem/reconcile-rootfs.js';
import type { Rootfs } from '../filesystem/rootfs.js';
import { walkTree, type WalkedNode } from '../filesystem/walk-tree.js';
import type { LayeredImage } from './image-layers.js';

export interface CommitLayerOptions extends ReadLayerOptions {
  /** Whether the rootfs tells extended attributes; a folder does not. */
  readonly xattrs: 'known' | 'unknown';
  /** Bounds the times of what is not as the base has it; see `reconcileRootfs`. */
  readonly latest?: number | undefined;
  /** What was left out of the rootfs: it stays as the image has it, for it was not deleted. */
  readonly excludes?: ((path: string) => boolean) | undefined;
}

/** The smallest layer that turns the files of `image` into those of `rootfs`; its bodies are the rootfs's. Content is compared, not only times. */
export async function commitLayer({ layers }: LayeredImage, rootfs: Rootfs, options: CommitLayerOptions): Promise<LayerBetween> {
  const { limits, signal, onProgress, xattrs, latest, excludes } = options;
  const base = await readTree(layers, { limits, signal, onProgress });
  await reconcileRootfs(rootfs, base, layers, { limits, signal, onProgress, xattrs, latest });
  // A rootfs that says nothing of its root folder leaves it as it is.
  if (rootfs.root === 'implied') base.root.inode = IMPLIED_FOLDER;
  const changes = walkChanges(base, rootfs.tree, { mtime: true, content: contentDifference });
  return layerBetween(base, rootfs.tree, excludes === undefined ? changes : withoutDeleted(changes, excludes), limits);
}

/** What is excluded was not deleted, nor were the folders above it, though they are not there. */
function* withoutDeleted(changes: Iterable<TreeChange>, excludes: (path: string) => boolean): Generator<TreeChange> {
  for (const change of changes) {
    if (change.kind !== 'deleted') yield change;
    else if (!excludes(change.path)) yield* deletedBut(change, excludes);
  }
}

function* deletedBut(change: TreeChange, excludes: (path: string) => boolean): Generator<TreeChange> {
  const { path: top, old } = change;
  const below = (): Iterable<WalkedNode> => (old === undefined ? [] : walkTree(old, top));
  const staying = new Set<string>();
  let excluded = '';
  for (const { path, folder } of below()) {
    if ((excluded !== '' && path.startsWith(excluded)) || !excludes(path)) continue;
    excluded = `${path}/`;
    for (let above = folder; above.length >= top.length; [above] = split(above)) staying.add(above);
  }
  if (staying.size === 0) yield change;
  else for (const { path, folder, name, node } of below()) if (staying.has(folder) && !staying.has(path) && !excludes(path)) yield { ...change, path, folder, name, old: node };
}
