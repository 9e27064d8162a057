import type { ChangeListener } from './apply-layer.js';
import { fileSize } from './inode.js';
import type { Addition } from './additions.js';
import type { Removal } from './layer-changes.js';
import type { TreeNode } from './tree-node.js';
import { walkTree } from './walk-tree.js';

/** A path that several layers spend bytes on. */
export interface WastedPath {
  readonly path: string;
  /** Bytes that the layers hold for it, all but the smallest of which (dive's measure) are wasted. */
  readonly bytes: number;
  /** Layers that hold or hide it. */
  readonly count: number;
}

/** Bytes that later layers shadow. */
export interface Waste {
  /** Largest first. */
  readonly paths: readonly WastedPath[];
  /** Bytes of shadowed content in all. */
  readonly bytes: number;
  /** From 0 to 1, as dive scores: the smallest size of every path over all bytes spent on it. */
  readonly efficiency: number;
}

interface Account {
  bytes: number;
  smallest: number;
  count: number;
}

/** Adds up, while layers are applied, what each path costs: dive's efficiency score (dive/filetree/efficiency.go), and true shadowed bytes. */
export class WasteMeter implements ChangeListener {
  readonly #accounts = new Map<string, Account>();
  #shadowed = 0;

  added(path: string, { inode }: Addition): void {
    if (inode === undefined || inode.type === 'directory') return;
    this.#count(path, fileSize(inode));
  }

  removed(path: string, node: TreeNode, by: Removal | undefined): void {
    const bytes = contentOf(path, node);
    this.#shadowed += bytes;
    if (by?.kind === 'whiteout') this.#count(path, bytes);
  }

  finish(): Waste {
    let smallest = 0;
    let all = 0;
    const paths: WastedPath[] = [];
    for (const [path, account] of this.#accounts) {
      smallest += account.smallest;
      all += account.bytes;
      if (account.count > 1 && account.bytes > 0) paths.push({ path: `/${path}`, bytes: account.bytes, count: account.count });
    }
    paths.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
    return { paths, bytes: this.#shadowed, efficiency: all === 0 ? 1 : smallest / all };
  }

  #count(path: string, bytes: number): void {
    const account = this.#accounts.get(path);
    if (account === undefined) this.#accounts.set(path, { bytes, smallest: bytes, count: 1 });
    else {
      account.bytes += bytes;
      account.smallest = Math.min(account.smallest, bytes);
      account.count += 1;
    }
  }
}

/** Bytes of the files at and below `node`; a file that has other names still is not gone with one of them. */
function contentOf(path: string, node: TreeNode): number {
  const own = ({ inode }: TreeNode): number => (inode.type === 'file' && !inode.linked ? fileSize(inode) : 0);
  let bytes = own(node);
  for (const below of walkTree(node, path)) bytes += own(below.node);
  return bytes;
}
