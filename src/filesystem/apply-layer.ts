import type { Limits } from '../limits.js';
import { malformed, overLimit } from '../tar/fault.js';
import { followPath } from './follow-path.js';
import { hideNames } from './hide-names.js';
import { pathOf, type Addition } from './additions.js';
import type { LayerChanges, Removal } from './layer-changes.js';
import { unseenRights } from './link-claim.js';
import { openChildren } from './partial-children.js';
import { split } from './path-parts.js';
import { impliedFolder, isFolder, newNode, setChild, type TreeNode } from './tree-node.js';

/** Hears what a layer does to the tree, before it is done. Paths are those of the entries: parents may be links. */
export interface ChangeListener {
  /** A name goes, and what is below it. `by` is undefined when something of another type takes its place. */
  removed?(path: string, node: TreeNode, by: Removal | undefined): void;
  /** A name comes; `old` is what has it now. */
  added?(path: string, addition: Addition, old: TreeNode | undefined): void;
}

/** Applies one layer to the tree below `root`; see `FileTree.apply`. */
export function applyLayer(root: TreeNode, changes: LayerChanges, limits: Limits, listener: ChangeListener = {}): void {
  const awaiting = hideNames(root, changes, listener);
  const application = new Application(root, changes, limits, listener);
  for (const addition of changes.additions) application.add(addition);
  for (const children of awaiting) children.settle();
}

class Application {
  readonly #root: TreeNode;
  readonly #changes: LayerChanges;
  readonly #limits: Limits;
  readonly #listener: ChangeListener;
  /** The folder of the entry before: entries of one folder stand together. */
  #folder: { readonly path: string; readonly node: TreeNode } | undefined;

  constructor(root: TreeNode, changes: LayerChanges, limits: Limits, listener: ChangeListener) {
    this.#root = root;
    this.#changes = changes;
    this.#limits = limits;
    this.#listener = listener;
  }

  add(addition: Addition): void {
    const { name, inode } = addition;
    const { layer } = this.#changes;
    if (name === '') {
      if (inode !== undefined) Object.assign(this.#root, { inode, layer });
      this.#listener.added?.('', addition, this.#root);
      return;
    }
    const folder = this.#parent(addition);
    const open = openChildren(folder, name);
    const old = open === undefined ? folder.children?.get(name) : undefined;
    const target = inode ?? this.#linked(addition, old);
    this.#listener.added?.(pathOf(addition), addition, old);
    if (old !== undefined && isFolder(old) && target.type === 'directory') {
      Object.assign(old, { inode: target, layer });
      return;
    }
    if (old !== undefined) {
      this.#listener.removed?.(pathOf(addition), old, undefined);
      // The name may be part of the path that leads to the folder.
      if (old.inode.type === 'directory' || old.inode.type === 'symlink') this.#folder = undefined;
    }
    const node = newNode(target, layer);
    // A folder keeps what a folder of that name below holds.
    if (open !== undefined && isFolder(node)) node.children = open.below(name, pathOf(addition));
    setChild(folder, name, node);
  }

  #parent(addition: Addition): TreeNode {
    const { folder: path } = addition;
    if (this.#folder?.path === path) return this.#folder.node;
    const found = followPath(this.#root, path, { last: 'follow', make: () => impliedFolder(this.#changes.layer) });
    if (found.kind === 'found' && isFolder(found.node)) {
      if (found.names.length >= this.#limits.pathDepth) throw overLimit(this.#place(addition), `the name leads to a folder at a depth of ${found.names.length}`, 'pathDepth');
      this.#folder = { path, node: found.node };
      return found.node;
    }
    const where = `"${found.names.join('/')}"`;
    if (found.kind === 'loop') throw malformed(this.#place(addition), `the links above it lead in a circle at ${where}`);
    if (found.kind === 'missing') throw malformed(this.#place(addition), `a link above it leads to ${where}, which is not there`);
    throw malformed(this.#place(addition), `it lies below ${where}, which is no folder`);
  }

  /** The inode that a hard link names anew; it stays what it is, whatever later happens to its other names. */
  #linked(addition: Addition, old: TreeNode | undefined): TreeNode['inode'] {
    const inode = this.#changes.kept(addition.linkPath) ?? this.#named(addition, old);
    const unseen = addition.claim && unseenRights(addition.claim, inode);
    if (unseen !== undefined) throw malformed(this.#place(addition), `the hard link gives "${addition.linkPath}" ${unseen}, and engines differ in which they believe`);
    inode.linked = true;
    return inode;
  }

  #named(addition: Addition, old: TreeNode | undefined): TreeNode['inode'] {
    const [parent, name] = split(addition.linkPath);
    const folder = followPath(this.#root, parent, { last: 'follow' });
    const node = folder.kind === 'found' ? folder.node.children?.get(name) : undefined;
    if (node === undefined) throw malformed(this.#place(addition), `the hard link leads to "${addition.linkPath}", which is not there`);
    if (node === old) throw malformed(this.#place(addition), 'the hard link leads to itself');
    if (isFolder(node)) throw malformed(this.#place(addition), `the hard link leads to "${addition.linkPath}", which is a folder`);
    return node.inode;
  }

  #place(addition: Addition): { readonly file: string; readonly offset: number; readonly entry: string } {
    return { file: this.#changes.name, offset: addition.headerOffset, entry: pathOf(addition) };
  }
}
