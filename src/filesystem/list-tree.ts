import { fileEntry, type FileEntry } from './file-entry.js';
import type { Inode } from './inode.js';
import type { Addition, LayerChanges, Removal } from './layer-changes.js';
import type { TreeNode } from './tree-node.js';
import { walkTree } from './walk-tree.js';

/** `node`, which is at `path`, and everything below it, sorted, as `find` lists it; the root itself is not listed. */
export function* listTree(node: TreeNode, path: string): Generator<FileEntry> {
  const shared = new Map<Inode, string>();
  if (path !== '') yield fileEntry(path, node.inode, node.layer);
  for (const { path: at, node: each } of walkTree(node, path)) {
    const { inode } = each;
    yield fileEntry(at, inode, each.layer, shared.get(inode));
    if (inode.linked && !shared.has(inode)) shared.set(inode, at);
  }
}

/** What one layer holds at or below `path`, sorted; hidden names as whiteouts, whatever they hide. Made while it is iterated. */
export function* listLayer({ additions, removals, layer }: LayerChanges, path: string): Generator<FileEntry> {
  const below = ({ path: at }: Addition | Removal): boolean => path === '' || at === path || at.startsWith(`${path}/`);
  const names = [...additions.filter((addition) => addition.path !== '' && below(addition)), ...removals.filter(below)];
  for (const each of names.sort((a, b) => comparePaths(a.path, b.path))) {
    if ('kind' in each) yield { ...blank(each.path, layer), type: each.kind };
    else if (each.inode === undefined) yield { ...blank(each.path, layer), type: 'hardlink', target: `/${each.linkPath}` };
    else yield fileEntry(each.path, each.inode, layer);
  }
}

function blank(path: string, layer: number): Omit<FileEntry, 'type'> {
  return { path: `/${path}`, mode: 0, uid: 0, gid: 0, size: 0, mtime: '', layer: layer + 1 };
}

/** The order of a walk: name by name, a folder before what is in it. */
export function comparePaths(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let i = 0;
  while (i < shorter && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shorter) return a.length - b.length;
  const [x, y] = [a[i] as string, b[i] as string];
  // No name holds a slash: it sorts before everything that does not end there.
  return x === '/' ? -1 : y === '/' ? 1 : x < y ? -1 : 1;
}
