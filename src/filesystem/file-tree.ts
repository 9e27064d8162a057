import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import { applyLayer, type ChangeListener } from './apply-layer.js';
import { followPath, type Followed } from './follow-path.js';
import { NO_LAYER, UNREAD_ROOT, type Inode } from './inode.js';
import type { LayerChanges } from './layer-changes.js';
import { ownText } from './own-text.js';
import { PartialChildren } from './partial-children.js';
import { impliedFolder, newNode, removeChild, setChild, type TreeNode } from './tree-node.js';
import { walkTree, type WalkedNode } from './walk-tree.js';

/**
 * What layers, applied from the base up, show a container (OCI image spec, layer.md). Paths are normalised as those of
 * tar entries: `usr/bin/sh`, empty for the root. Holds names and metadata, no bodies.
 */
export class FileTree {
  /** The root folder; implied until a layer has an entry for it. */
  readonly root: TreeNode;
  readonly #limits: Limits;

  constructor(limits: Limits = DEFAULT_LIMITS, root: TreeNode = impliedFolder(NO_LAYER)) {
    this.#limits = limits;
    this.root = root;
  }

  /** A tree over layers that were not read: {@link apply} and whoever walks it throw `BaseNeeded` where those decide. */
  static overUnread(limits: Limits): FileTree {
    return new FileTree(limits, { inode: UNREAD_ROOT, layer: NO_LAYER, children: new PartialChildren('') });
  }

  /**
   * Applies the next layer: what it hides of the layers below first, wherever the whiteouts stand in it, then its entries
   * in their order. A link as a parent is followed on the tree, never out of it. `listener` hears what changes.
   * Throws `tar-malformed` when an entry lies below what is no folder, or a hard link leads to nothing or gives its file other rights;
   * `limit-exceeded` past `pathDepth`. The tree is then spoilt.
   */
  apply(changes: LayerChanges, listener?: ChangeListener): void {
    applyLayer(this.root, changes, this.#limits, listener);
  }

  /** The node with exactly this path; no link is followed, not even of a parent. */
  get(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    if (path === '') return node;
    for (const name of path.split('/')) node = node?.children?.get(name);
    return node;
  }

  /** Where `path` (of any spelling) leads a process with this root; `last` says whether a link at its end is followed. */
  follow(path: string, last: 'follow' | 'keep' = 'follow'): Followed {
    return followPath(this.root, path, { last });
  }

  /** Gives `inode` the name `path`, in place of what has it; folders that are missing above are implied. For trees that are not made of layers. */
  put(path: string, inode: Inode, layer: number = NO_LAYER): TreeNode {
    if (path === '') {
      this.root.inode = inode;
      this.root.layer = layer;
      return this.root;
    }
    const names = path.split('/');
    const last = names.pop() as string;
    let folder = this.root;
    for (const name of names) {
      let next = folder.children?.get(name);
      if (next === undefined) setChild(folder, ownText(name), (next = impliedFolder(layer)));
      folder = next;
    }
    const node = newNode(inode, layer);
    const old = folder.children?.get(last);
    if (old?.inode.type === 'directory' && inode.type === 'directory') node.children = old.children;
    setChild(folder, ownText(last), node);
    return node;
  }

  /** Takes the name `path`, and everything below it, out of the tree; false when it was not there. */
  remove(path: string): boolean {
    const slash = path.lastIndexOf('/');
    const folder = this.get(slash === -1 ? '' : path.slice(0, slash));
    return path !== '' && folder !== undefined && removeChild(folder, path.slice(slash + 1));
  }

  /** Every name below the root (or below `node`, which is at `path`), folders before what they hold, sorted name by name. */
  walk(node: TreeNode = this.root, path = ''): Generator<WalkedNode> {
    return walkTree(node, path);
  }
}
