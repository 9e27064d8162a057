import { fileEntry, type FileEntry } from './file-entry.js';
import type { Inode } from './inode.js';
import type { LayerChanges } from './layer-changes.js';
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

/** What one layer holds at or below `path`, sorted; hidden names as whiteouts, whatever they hide. */
export function listLayer({ additions, removals, layer }: LayerChanges, path: string): FileEntry[] {
  const below = (at: string): boolean => path === '' || at === path || at.startsWith(`${path}/`);
  const entries: FileEntry[] = [];
  for (const { path: at, inode, linkPath } of additions) {
    if (!below(at) || at === '') continue;
    entries.push(inode === undefined ? { ...blank(at, layer), type: 'hardlink', target: `/${linkPath}` } : fileEntry(at, inode, layer));
  }
  for (const { path: at, kind } of removals) if (below(at)) entries.push({ ...blank(at, layer), type: kind });
  return entries.sort((a, b) => comparePaths(a.path, b.path));
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

