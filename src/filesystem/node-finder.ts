import type { FileTree } from './file-tree.js';
import type { TreeNode } from './tree-node.js';

/** Finds nodes of a tree by path, as `FileTree.get`, without cutting it where those of one folder are asked for together. Folders must stay where they are. */
export class NodeFinder {
  readonly #tree: FileTree;
  #folder: { readonly path: string; readonly node: TreeNode } | undefined;

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  /** The node of that name in the folder with exactly this path; no link is followed. Not for the root. */
  find(folder: string, name: string): TreeNode | undefined {
    return this.folder(folder)?.children?.get(name);
  }

  /** The node with exactly this path. */
  folder(path: string): TreeNode | undefined {
    if (this.#folder?.path !== path) {
      const node = this.#tree.get(path);
      if (node === undefined) return undefined;
      this.#folder = { path, node };
    }
    return this.#folder.node;
  }
}
