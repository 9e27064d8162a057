import { compareInodes, type CompareOptions, type Difference } from './compare-inodes.js';
import type { FileTree } from './file-tree.js';
import type { Inode } from './inode.js';
import { join } from './path-parts.js';
import { isFolder, type TreeNode } from './tree-node.js';
import { compareNames, walkTree } from './walk-tree.js';

/** One path that differs. */
export interface TreeChange {
  readonly kind: 'added' | 'changed' | 'deleted';
  readonly path: string;
  readonly old: TreeNode | undefined;
  readonly new: TreeNode | undefined;
  /** Of a changed path; empty for a folder that is named only because something in it differs. */
  readonly differences: readonly Difference[];
}

export interface CompareTreesOptions extends CompareOptions {
  /** Judges the content of two files of one name: what to call their difference. */
  readonly content: (a: Inode, b: Inode, node: TreeNode) => Difference | undefined;
}

/**
 * What one must do to `before` to get `after`, as `docker diff` lists it: sorted, folders above a change as changed, of a
 * deleted folder the top alone, everything below an added one. What was in a folder that a file replaces is not listed.
 */
export function compareTrees(before: FileTree, after: FileTree, options: CompareTreesOptions): readonly TreeChange[] {
  return new Comparison(options).run(before.root, after.root);
}

interface Frame {
  readonly path: string;
  readonly old: TreeNode;
  readonly new: TreeNode;
  readonly names: readonly string[];
  next: number;
  /** Where a line for this folder goes should anything in it differ; undefined when it has one. */
  readonly line: number | undefined;
  /** Lines there were when it was entered. */
  readonly lines: number;
}

class Comparison {
  readonly #options: CompareTreesOptions;
  /** With gaps for folders that have no line yet. */
  readonly #list: (TreeChange | undefined)[] = [];
  #lines = 0;
  readonly #frames: Frame[] = [];

  constructor(options: CompareTreesOptions) {
    this.#options = options;
  }

  run(old: TreeNode, node: TreeNode): readonly TreeChange[] {
    this.#pair('', old, node);
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const name = frame.names[frame.next++];
      if (name === undefined) this.#leave(frame);
      else this.#compare(join(frame.path, name), frame.old.children?.get(name), frame.new.children?.get(name));
    }
    return this.#list.filter((change) => change !== undefined);
  }

  #compare(path: string, old: TreeNode | undefined, node: TreeNode | undefined): void {
    if (old === undefined && node !== undefined) {
      this.#add({ kind: 'added', path, old, new: node, differences: [] });
      this.#allAdded(path, node);
    } else if (old !== undefined && node === undefined) this.#add({ kind: 'deleted', path, old, new: node, differences: [] });
    else if (old !== undefined && node !== undefined) this.#pair(path, old, node);
  }

  #pair(path: string, old: TreeNode, node: TreeNode): void {
    const differences = differencesOf(old, node, this.#options);
    if (differences.length > 0) this.#add({ kind: 'changed', path, old, new: node, differences });
    if (!isFolder(node)) return;
    if (!isFolder(old)) this.#allAdded(path, node);
    else if (old.children !== undefined || node.children !== undefined) this.#enter(path, old, node, differences.length > 0);
  }

  #enter(path: string, old: TreeNode, node: TreeNode, listed: boolean): void {
    const names = [...new Set([...(old.children?.keys() ?? []), ...(node.children?.keys() ?? [])])].sort(compareNames);
    const line = listed || path === '' ? undefined : this.#list.push(undefined) - 1;
    this.#frames.push({ path, old, new: node, names, next: 0, line, lines: this.#lines });
  }

  #leave({ path, old, new: node, line, lines }: Frame): void {
    this.#frames.pop();
    if (line === undefined || this.#lines === lines) return;
    this.#list[line] = { kind: 'changed', path, old, new: node, differences: [] };
    this.#lines += 1;
  }

  #allAdded(path: string, node: TreeNode): void {
    for (const each of walkTree(node, path)) this.#add({ kind: 'added', path: each.path, old: undefined, new: each.node, differences: [] });
  }

  #add(change: TreeChange): void {
    this.#list.push(change);
    this.#lines += 1;
  }
}

function differencesOf(old: TreeNode, node: TreeNode, options: CompareTreesOptions): readonly Difference[] {
  const differences = compareInodes(old.inode, node.inode, options);
  if (old.inode.type !== 'file' || node.inode.type !== 'file') return differences;
  const content = options.content(old.inode, node.inode, node);
  return content === undefined ? differences : [content, ...differences];
}
