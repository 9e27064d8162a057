import type { TreeChange } from './compare-trees.js';
import type { Difference } from './compare-inodes.js';
import { FileTree } from './file-tree.js';
import { fileSize, IMPLIED_FOLDER, NO_LAYER, WHITEOUT, type Inode } from './inode.js';
import type { Limits } from '../limits.js';
import { NodeFinder } from './node-finder.js';
import { ownText } from './own-text.js';
import { split } from './path-parts.js';
import { newNode, setChild, type TreeNode } from './tree-node.js';
import { whiteoutOf } from './whiteout.js';

/** What a layer must hold to turn one tree into another. */
export interface LayerBetween {
  /** The entries of the layer, whiteouts as the files they are. */
  readonly tree: FileTree;
  /** Whether the root folder itself is one of the entries. */
  readonly root: 'given' | 'implied';
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

/**
 * The smallest layer that makes `after` of `before`, as a tree of its own: what was added or changed, whiteouts for what was
 * deleted, and the folders above, whose modes and times engines would otherwise make up. Files with several names come with
 * all of them: no engine links to a file of a layer below. `changes` is what the trees differ in; it is gone through once, so that it
 * can be made on the way.
 */
export function layerBetween(before: FileTree, after: FileTree, changes: Iterable<TreeChange>, limits: Limits): LayerBetween {
  const tree = new FileTree(limits);
  const [made, above, below] = [new NodeFinder(tree), new NodeFinder(after), new NodeFinder(before)];
  let root: LayerBetween['root'] = 'implied';
  const counts = { added: 0, changed: 0, deleted: 0 };
  /** Made, if need be, as `after` has it; where only something in it goes that `after` does not have either, as it is. */
  const folderAt = (path: string): TreeNode => made.folder(path) ?? putAt(path, (above.folder(path) ?? below.folder(path))?.inode ?? IMPLIED_FOLDER);
  const putAt = (path: string, inode: Inode): TreeNode => {
    const [folder, name] = split(path);
    return put(folder, ownText(name), inode);
  };
  const put = (folder: string, name: string, inode: Inode): TreeNode => {
    const into = folderAt(folder);
    const known = into.children?.get(name);
    if (known !== undefined) return Object.assign(known, { inode });
    const node = newNode(inode, NO_LAYER);
    setChild(into, name, node);
    return node;
  };
  for (const { kind, path, folder, name, new: node, differences } of changes) {
    if (kind !== 'deleted' && (node === undefined || (kind === 'changed' && differences.length === 0))) continue;
    counts[kind] += 1;
    if (path === '') {
      tree.put('', after.root.inode);
      root = 'given';
    } else if (node === undefined) put(folder, ownText(whiteoutOf(name)), WHITEOUT);
    else put(folder, name, node.inode);
  }
  // No name of a tree begins as those of whiteouts do: what has a name in the layer came, or changed.
  for (const { path, inode } of linksToComplete(before, after, tree)) {
    if (tree.get(path) !== undefined) continue;
    counts.changed += 1;
    putAt(path, inode);
  }
  return { tree, root, ...counts };
}

/** Judges the content of two files that have their digests where they could be equal. */
export function contentDifference(a: Inode, b: Inode): Difference | undefined {
  if (a === b || (fileSize(a) === 0 && fileSize(b) === 0)) return undefined;
  if (fileSize(a) !== fileSize(b)) return 'content';
  const same = a.sha256 !== undefined && a.sha256 === b.sha256 && a.sparse?.map === b.sparse?.map && a.size === b.size;
  return same ? undefined : 'content';
}

/** The names without which two names would be one file where they are two, or the other way round; `changed` holds the names that the layer has. */
function linksToComplete(before: FileTree, after: FileTree, changed: FileTree): readonly { readonly path: string; readonly inode: Inode }[] {
  const names = new Map<Inode, string[]>();
  const below = new NodeFinder(before);
  for (const { path, folder, name, node: { inode } } of after.walk()) {
    if (inode.type === 'directory') continue;
    const others = inode.linked ? names.get(inode) : undefined;
    if (others !== undefined) others.push(path);
    else if (inode.linked || below.find(folder, name)?.inode.linked === true) names.set(inode, [path]);
  }
  const missing: { readonly path: string; readonly inode: Inode }[] = [];
  /** The file of `after` that keeps the names of a file of `before`. */
  const heirs = new Map<Inode, Inode>();
  for (const [inode, group] of names) {
    const old = before.get(group[0] as string)?.inode;
    const heir = old === undefined ? undefined : (heirs.get(old) ?? inode);
    const kept = old !== undefined && heir === inode && group.every((path) => changed.get(path) === undefined && before.get(path)?.inode === old);
    if (kept) heirs.set(old, inode);
    else if (group.some((path) => changed.get(path) !== undefined) || group.length > 1 || heir !== inode) for (const path of group) missing.push({ path, inode });
  }
  return missing;
}
