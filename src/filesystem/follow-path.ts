import { isFolder, type TreeNode } from './tree-node.js';

/** As the kernel does (`ELOOP`). */
const MOST_LINKS = 40;

/** Where a path leads. */
export type Followed =
  | { readonly kind: 'found'; readonly node: TreeNode; /** Its names from the root, links resolved. */ readonly names: readonly string[] }
  /** Nothing has the name; `dangling` when a symlink on the way leads there. */
  | { readonly kind: 'missing'; readonly names: readonly string[]; readonly dangling: boolean }
  | { readonly kind: 'not-a-folder'; readonly names: readonly string[] }
  | { readonly kind: 'loop'; readonly names: readonly string[] };

export interface FollowOptions {
  /** Whether a symlink at the end is followed too. */
  readonly last: 'follow' | 'keep';
  /** Makes a folder that is missing, unless a symlink leads there. */
  readonly make?: (() => TreeNode) | undefined;
  /** Asked for each name of `path` itself, not of a link's target, in turn: what has it in `folder`. Else what the tree has there. */
  readonly child?: ((folder: TreeNode, name: string) => TreeNode | undefined) | undefined;
}

/**
 * Walks from `root` along `path` as a process with that root would: symlinks are followed on the tree, an absolute target
 * starts at the root again, `..` never leaves it.
 */
export function followPath(root: TreeNode, path: string, { last, make, child }: FollowOptions): Followed {
  const nodes: TreeNode[] = [root];
  const names: string[] = [];
  /** Next part last. What is above `own` comes from link targets. */
  const pending = path.split('/').toReversed();
  let own = pending.length;
  let links = 0;
  while (pending.length > 0) {
    const part = pending.pop() as string;
    const fromLink = pending.length >= own;
    own = Math.min(own, pending.length);
    if (part === '' || part === '.') continue;
    const folder = nodes.at(-1) as TreeNode;
    if (!isFolder(folder)) return { kind: 'not-a-folder', names };
    if (part === '..') {
      if (nodes.length > 1) {
        nodes.pop();
        names.pop();
      }
      continue;
    }
    let node = child === undefined || fromLink ? folder.children?.get(part) : child(folder, part);
    if (node === undefined) {
      if (make === undefined || fromLink) return { kind: 'missing', names: [...names, part], dangling: fromLink };
      node = make();
      (folder.children ??= new Map()).set(part, node);
    }
    if (node.inode.type === 'symlink' && (last === 'follow' || pending.some((each) => each !== '' && each !== '.'))) {
      links += 1;
      if (links > MOST_LINKS) return { kind: 'loop', names: [...names, part] };
      const { target } = node.inode;
      pending.push(...target.split('/').toReversed());
      if (target.startsWith('/')) {
        nodes.length = 1;
        names.length = 0;
      }
      continue;
    }
    nodes.push(node);
    names.push(part);
  }
  return { kind: 'found', node: nodes.at(-1) as TreeNode, names };
}
