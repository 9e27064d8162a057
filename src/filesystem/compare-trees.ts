import { compareInodes, type CompareOptions, type Difference } from './compare-inodes.js';
import type { FileTree } from './file-tree.js';
import { UNREAD_ROOT, type Inode } from './inode.js';
import { join } from './path-parts.js';
import { BaseNeeded, namesToCompare } from './partial-children.js';
import { isFolder, type TreeNode } from './tree-node.js';
import { compareNames, walkTree } from './walk-tree.js';

/** One path that differs. */
export interface TreeChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  readonly path: string;
  /** The path of the folder that it is in, and the name in it; both empty for the root. */
  readonly folder: string;
  readonly name: string;
  readonly old: TreeNode | undefined;
  readonly new: TreeNode | undefined;
  /** Of a changed path; empty for a folder that is named only because something in it differs. */
  readonly differences: readonly Difference[];
}

export interface CompareTreesOptions extends CompareOptions {
  /** Judges the content of two files of one name: what to call their difference. */
  readonly content: (a: Inode, b: Inode, node: TreeNode) => Difference | undefined;
}

interface Frame {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  readonly old: TreeNode;
  readonly new: TreeNode;
  readonly names: readonly string[];
  next: number;
  /** Whether it has a line; it gets one as soon as something in it differs. */
  listed: boolean;
}

/**
 * What one must do to `before` to get `after`, as `docker diff` lists it: sorted, folders above a change as changed, of a
 * deleted folder the top alone, everything below an added one. What was in a folder that a file replaces is not listed.
 * Made while it is iterated. Of two trees over layers that were not read (`FileTree.overUnread`), throws `BaseNeeded` as soon as
 * those decide.
 */
export function* walkChanges(before: FileTree, after: FileTree, options: CompareTreesOptions): Generator<TreeChange> {
  const frames: Frame[] = [];
  /** Deepest folder first found to have no line; those above it have theirs. */
  function* list(change: TreeChange): Generator<TreeChange> {
    let first = frames.length;
    while (first > 0 && frames[first - 1]?.listed === false) first -= 1;
    for (const frame of frames.slice(first)) {
      frame.listed = true;
      const { path, folder, name, old, new: node } = frame;
      yield { kind: 'changed', path, folder, name, old, new: node, differences: [] };
    }
    yield change;
  }
  function* pair(path: string, folder: string, name: string, old: TreeNode, node: TreeNode): Generator<TreeChange> {
    const differences = differencesOf(old, node, options);
    if (differences.length > 0) yield* list({ kind: 'changed', path, folder, name, old, new: node, differences });
    if (!isFolder(node)) return;
    if (!isFolder(old)) yield* addedBelow(path, node);
    else if (old.children !== undefined || node.children !== undefined) {
      const names = [...namesToCompare(old, node)].sort(compareNames);
      frames.push({ path, folder, name, old, new: node, names, next: 0, listed: path === '' || differences.length > 0 });
    }
  }
  if ((before.root.inode === UNREAD_ROOT) !== (after.root.inode === UNREAD_ROOT)) throw new BaseNeeded('');
  yield* pair('', '', '', before.root, after.root);
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const name = frame.names[frame.next++];
    if (name === undefined) {
      frames.pop();
      continue;
    }
    const { path: folder } = frame;
    const path = join(folder, name);
    const [old, node] = [frame.old.children?.get(name), frame.new.children?.get(name)];
    if (old !== undefined && node !== undefined) yield* pair(path, folder, name, old, node);
    else if (old !== undefined) yield* list({ kind: 'deleted', path, folder, name, old, new: undefined, differences: [] });
    else if (node !== undefined) {
      yield* list({ kind: 'added', path, folder, name, old: undefined, new: node, differences: [] });
      yield* addedBelow(path, node);
    }
  }
}

function* addedBelow(path: string, node: TreeNode): Generator<TreeChange> {
  for (const { path: at, folder, name, node: each } of walkTree(node, path)) yield { kind: 'added', path: at, folder, name, old: undefined, new: each, differences: [] };
}

function differencesOf(old: TreeNode, node: TreeNode, options: CompareTreesOptions): readonly Difference[] {
  const differences = compareInodes(old.inode, node.inode, options);
  if (isFolder(node) || old.inode.type !== node.inode.type) return differences;
  const content = options.content(old.inode, node.inode, node);
  return content === undefined ? differences : [content, ...differences];
}
