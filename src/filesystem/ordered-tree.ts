import type { Limits } from '../limits.js';
import type { TarEntry, TarTime } from '../tar/tar-entry.js';
import { FileTree } from './file-tree.js';
import type { Inode } from './inode.js';
import { InodeFactory } from './inode-factory.js';
import type { LayerItem } from './layer-writer.js';
import { claimOf, unseenRights } from './link-claim.js';
import { outOfRange } from './out-of-range.js';
import { ownText } from './own-text.js';
import { newNode, setChild, type TreeNode } from './tree-node.js';
import { compareNames } from './walk-tree.js';
import { meaningOf } from './whiteout.js';

/** A folder whose names are being told. */
interface OpenFolder {
  readonly path: string;
  readonly node: TreeNode;
  /** The name in it that came last; empty before the first. */
  last: string;
}

/**
 * The tree of a tar whose entries stand as {@link treeItems} has them, as `docker export` and `tar --sort=name` write them: what each
 * becomes in a layer is known before the next is read.
 */
export class OrderedTree {
  readonly tree: FileTree;
  readonly #factory = new InodeFactory();
  readonly #latest: TarTime | undefined;
  /** From the root to the folder of the last entry. */
  readonly #open: OpenFolder[];
  /** The first names of files that have several. */
  readonly #firsts = new Map<Inode, string>();
  #root: 'given' | 'implied' = 'implied';

  /** Later times become `latest`, in seconds since 1970. */
  constructor(limits: Limits, latest: number | undefined) {
    this.tree = new FileTree(limits);
    this.#latest = latest === undefined ? undefined : { seconds: latest, nanoseconds: 0 };
    this.#open = [{ path: '', node: this.tree.root, last: '' }];
  }

  /** Whether an entry described the root folder. */
  get root(): 'given' | 'implied' {
    return this.#root;
  }

  /**
   * What the next entry of the tar becomes. Undefined when only the whole tar can tell, or when it is wrong: it stands elsewhere in a
   * layer, lies in a folder that was not given, is sparse, a whiteout, or a hard link to what did not come yet. The tree is spoilt then.
   */
  add(entry: TarEntry): LayerItem | undefined {
    const { path, type } = entry;
    if (entry.sparse !== undefined || outOfRange(entry) !== undefined || meaningOf(path).kind !== 'addition') return undefined;
    if (path === '') return this.#describeRoot(entry);
    const slash = path.lastIndexOf('/');
    const folder = this.#folderOf(path, Math.max(slash, 0));
    const name = ownText(path.slice(slash + 1));
    if (folder === undefined || compareNames(folder.last, name) >= 0) return undefined;
    const inode = type === 'hardlink' ? this.#linked(entry) : this.#make(entry);
    if (inode === undefined) return undefined;
    const node = newNode(inode, 0);
    setChild(folder.node, name, node);
    folder.last = name;
    if (type === 'directory') this.#open.push({ path: ownText(path), node, last: '' });
    return { path, inode, link: type === 'hardlink' ? this.#firsts.get(inode) : undefined };
  }

  #describeRoot(entry: TarEntry): LayerItem | undefined {
    if (this.#root === 'given' || this.tree.root.children !== undefined) return undefined;
    this.#root = 'given';
    Object.assign(this.tree.root, newNode(this.#make(entry), 0));
    return { path: '', inode: this.tree.root.inode };
  }

  /** The folder that is the first `length` characters of `path`, when it is still open. Those below it end. */
  #folderOf(path: string, length: number): OpenFolder | undefined {
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      if (folder.path.length === length && path.startsWith(folder.path)) return folder;
      this.#open.pop();
    }
    return undefined;
  }

  #make(entry: TarEntry): Inode {
    const inode = this.#factory.make(entry, 0);
    if (this.#latest !== undefined && inode.mtime.seconds >= this.#latest.seconds) inode.mtime = this.#latest;
    return inode;
  }

  #linked(entry: TarEntry): Inode | undefined {
    const inode = this.tree.get(entry.linkPath)?.inode;
    if (inode === undefined || inode.type === 'directory' || unseenRights(claimOf(entry, undefined), inode) !== undefined) return undefined;
    if (!this.#firsts.has(inode)) this.#firsts.set(inode, entry.linkPath);
    inode.linked = true;
    return inode;
  }
}
