import type { Difference } from './compare-inodes.js';
import { FileTree } from './file-tree.js';
import { fileSize, IMPLIED_FOLDER, type Inode } from './inode.js';
import type { Limits } from '../limits.js';
import { split } from './path-parts.js';
import type { TreeChange } from './compare-trees.js';
import { whiteoutOf } from './whiteout.js';

const WHITEOUT: Inode = Object.freeze({ ...IMPLIED_FOLDER, type: 'file', mode: 0 });

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
 * all of them: no engine links to a file of a layer below. `changes` is what the trees differ in.
 */
export function layerBetween(before: FileTree, after: FileTree, changes: readonly TreeChange[], limits: Limits): LayerBetween {
  const paths = new Set(changes.filter(({ kind, differences }) => kind === 'added' || differences.length > 0).map(({ path }) => path));
  completeLinks(before, after, paths);
  const added = changes.filter(({ kind }) => kind === 'added').length;
  const tree = new FileTree(limits);
  const put = (path: string, inode: Inode): void => {
    const [folder] = split(path);
    if (path !== '' && folder !== '' && tree.get(folder) === undefined) {
      const above = after.get(folder);
      if (above !== undefined) put(folder, above.inode);
    }
    tree.put(path, inode);
  };
  for (const { path, node } of after.walk()) if (paths.has(path)) put(path, node.inode);
  if (paths.has('')) tree.put('', after.root.inode);
  const deleted = changes.filter(({ kind }) => kind === 'deleted');
  for (const { path } of deleted) put(whiteoutOf(path), WHITEOUT);
  return { tree, root: paths.has('') ? 'given' : 'implied', added, changed: paths.size - added, deleted: deleted.length };
}

/** Judges the content of two files that have their digests where they could be equal. */
export function contentDifference(a: Inode, b: Inode): Difference | undefined {
  if (a === b || (fileSize(a) === 0 && fileSize(b) === 0)) return undefined;
  if (fileSize(a) !== fileSize(b)) return 'content';
  const same = a.sha256 !== undefined && a.sha256 === b.sha256 && (a.sparse === undefined) === (b.sparse === undefined) && a.size === b.size;
  return same ? undefined : 'content';
}

/** Adds the names without which two names would be one file where they are two, or the other way round. */
function completeLinks(before: FileTree, after: FileTree, paths: Set<string>): void {
  const names = new Map<Inode, string[]>();
  for (const { path, node: { inode } } of after.walk()) {
    if (inode.type === 'directory') continue;
    const others = names.get(inode);
    if (others !== undefined) others.push(path);
    else if (inode.linked || before.get(path)?.inode.linked === true) names.set(inode, [path]);
  }
  /** The file of `after` that keeps the names of a file of `before`. */
  const heirs = new Map<Inode, Inode>();
  for (const [inode, group] of names) {
    const old = before.get(group[0] as string)?.inode;
    const heir = old === undefined ? undefined : (heirs.get(old) ?? inode);
    const kept = old !== undefined && heir === inode && group.every((path) => !paths.has(path) && before.get(path)?.inode === old);
    if (kept) heirs.set(old, inode);
    else if (group.some((path) => paths.has(path)) || group.length > 1 || heir !== inode) for (const path of group) paths.add(path);
  }
}
