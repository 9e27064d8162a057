import type { ChangeListener } from './apply-layer.js';
import { followPath } from './follow-path.js';
import type { LayerChanges, Removal } from './layer-changes.js';
import { openChildren, type PartialChildren } from './partial-children.js';
import { join, split } from './path-parts.js';
import { removeChild, type TreeNode } from './tree-node.js';
import { WaysToHidden, type WayFolder } from './ways-to-hidden.js';

/**
 * Hides what `changes` hide of the layers below. Links on the way to it are followed, but not where the layer, before the whiteout,
 * gives a folder of that path: this takes the place of a link below, as engines have it that unpack one entry after the other (an
 * overlay marks such a folder opaque), and the whiteout is about what it keeps. What leads to nothing hides nothing, which is legal.
 *
 * So nothing needs to be known of such a path in layers that were not read: a folder there will become that folder, less what is
 * hidden, and all else will be gone. Returns what awaits such folders: after the additions it must be settled.
 */
export function hideNames(root: TreeNode, changes: LayerChanges, listener: ChangeListener): ReadonlySet<PartialChildren> {
  const ways = new WaysToHidden(changes);
  const awaiting = new Set<PartialChildren>();
  for (const removal of changes.removals) {
    ways.take(removal.after);
    const [parent, name] = removal.kind === 'opaque' ? [removal.path, undefined] : split(removal.path);
    let [way, path]: [WayFolder | undefined, string] = [ways.root, ''];
    const child = (folder: TreeNode, part: string): TreeNode | undefined => {
      way = way?.below.get(part);
      path = join(path, part);
      const open = openChildren(folder, part);
      if (open !== undefined && way?.given === true) {
        awaiting.add(open);
        return open.await(part, path);
      }
      const node = folder.children?.get(part);
      return node?.inode.type === 'symlink' && way?.given === true ? undefined : node;
    };
    const folder = followPath(root, parent, { last: 'follow', child });
    if (folder.kind !== 'found') continue;
    if (name === undefined) hideAll(folder.node, removal, listener);
    else hideName(folder.node, name, removal, listener);
  }
  return awaiting;
}

function hideAll(folder: TreeNode, removal: Removal, listener: ChangeListener): void {
  if (folder.children === undefined) return;
  if (listener.removed !== undefined) for (const [name, node] of folder.children) listener.removed(join(removal.path, name), node, removal);
  folder.children = undefined;
}

function hideName(folder: TreeNode, name: string, removal: Removal, listener: ChangeListener): void {
  if (openChildren(folder, name) === undefined) {
    const node = folder.children?.get(name);
    if (node === undefined) return;
    listener.removed?.(removal.path, node, removal);
  }
  removeChild(folder, name);
}
