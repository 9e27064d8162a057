import { IMPLIED_FOLDER, type Inode } from './inode.js';
import { PartialChildren } from './partial-children.js';

/** A name in a tree. A folder's children are its own; only other inodes can have several names. */
export interface TreeNode {
  inode: Inode;
  /** The layer that gave the name, or a folder its present metadata; base 0. */
  layer: number;
  /** By name; undefined while there are none. {@link PartialChildren} where layers below were not read. */
  children: Map<string, TreeNode> | undefined;
}

/** A node for `inode`, which layer number `layer` gives a name. */
export function newNode(inode: Inode, layer: number): TreeNode {
  return { inode, layer, children: undefined };
}

/** Adds `node` to `folder`, in place of what has the name. `name` stays in memory: it must not be cut out of a longer text. */
export function setChild(folder: TreeNode, name: string, node: TreeNode): void {
  (folder.children ??= new Map()).set(name, node);
}

/** Takes `name` out of `folder`; false when it was not there. */
export function removeChild(folder: TreeNode, name: string): boolean {
  const removed = folder.children?.delete(name) === true;
  if (folder.children?.size === 0 && !(folder.children instanceof PartialChildren)) folder.children = undefined;
  return removed;
}

/** A folder that layer number `layer` implies. */
export function impliedFolder(layer: number): TreeNode {
  return newNode(IMPLIED_FOLDER, layer);
}

export function isFolder(node: TreeNode): boolean {
  return node.inode.type === 'directory';
}
