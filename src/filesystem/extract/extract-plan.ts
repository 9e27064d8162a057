import type { FileTree } from '../file-tree.js';
import type { Inode } from '../inode.js';
import type { WalkedNode } from '../walk-tree.js';
import type { FileJob } from './file-writer.js';

/** What is made on disk, sorted into the order in which it is made. */
export interface ExtractPlan {
  /** Parents first. */
  readonly folders: readonly Named[];
  /** By the layer that holds the body; files without content under -1. */
  readonly files: ReadonlyMap<number, readonly FileJob[]>;
  readonly symlinks: readonly Named[];
  readonly specials: readonly Named[];
  /** Further names: `from` is the first. */
  readonly links: readonly { readonly path: string; readonly from: string; readonly inode: Inode }[];
}

interface Named {
  readonly path: string;
  readonly inode: Inode;
}

/** Plans everything in `tree` below `paths` (all of it when there are none), and the folders above. Paths are those of nodes, links resolved. */
export function planExtraction(tree: FileTree, paths: readonly string[]): ExtractPlan {
  const folders: Named[] = [];
  const files = new Map<number, FileJob[]>();
  const symlinks: Named[] = [];
  const specials: Named[] = [];
  const links: { path: string; from: string; inode: Inode }[] = [];
  const first = new Map<Inode, string>();
  for (const { path, node: { inode } } of chosen(tree, paths)) {
    const from = inode.linked ? first.get(inode) : undefined;
    if (from !== undefined) {
      links.push({ path, from, inode });
      continue;
    }
    if (inode.linked) first.set(inode, path);
    if (inode.type === 'directory') folders.push({ path, inode });
    else if (inode.type === 'symlink') symlinks.push({ path, inode });
    else if (inode.type !== 'file') specials.push({ path, inode });
    else {
      const layer = inode.size === 0 ? -1 : inode.layer;
      const jobs = files.get(layer);
      if (jobs === undefined) files.set(layer, [{ path, inode }]);
      else jobs.push({ path, inode });
    }
  }
  return { folders, files, symlinks, specials, links };
}

function* chosen(tree: FileTree, paths: readonly string[]): Generator<Pick<WalkedNode, 'path' | 'node'>> {
  if (paths.length === 0 || paths.includes('')) {
    yield* tree.walk();
    return;
  }
  const seen = new Set<string>();
  for (const path of [...paths].sort()) {
    const names = path.split('/');
    // A chosen folder brings all below it.
    if (names.some((_, i) => i < names.length - 1 && paths.includes(names.slice(0, i + 1).join('/')))) continue;
    for (let depth = 1; depth <= names.length; depth++) {
      const part = names.slice(0, depth).join('/');
      const node = tree.get(part);
      if (node === undefined || seen.has(part)) continue;
      seen.add(part);
      yield { path: part, node };
    }
    const node = tree.get(path);
    if (node !== undefined) yield* tree.walk(node, path);
  }
}
