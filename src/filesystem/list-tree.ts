import { fileEntry, type FileEntry } from './file-entry.js';
import type { Inode } from './inode.js';
import type { LayerChanges } from './layer-changes.js';
import { join, split } from './path-parts.js';
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
  const hidden = removals.map((removal) => split(removal.path));
  const below = (folder: string, name: string): boolean => path === '' || folder === path || folder.startsWith(`${path}/`) || join(folder, name) === path;
  /** Of additions, then of removals: there may be a million. */
  const numbers: number[] = [];
  for (let i = 0; i < additions.length; i++) if (additions.nameAt(i) !== '' && below(additions.folderAt(i), additions.nameAt(i))) numbers.push(i);
  hidden.forEach(([folder, name], i) => { if (below(folder, name)) numbers.push(additions.length + i); });
  // Asked for millions of times: to look for what is not there, before the beginning of a list, takes ten times as long.
  const added = additions.length;
  const folderOf = (i: number): string => (i < added ? additions.folderAt(i) : (hidden[i - added]?.[0] ?? ''));
  const nameOf = (i: number): string => (i < added ? additions.nameAt(i) : (hidden[i - added]?.[1] ?? ''));
  for (const number of numbers.sort((a, b) => comparePlaces(folderOf(a), nameOf(a), folderOf(b), nameOf(b)))) {
    const at = join(folderOf(number), nameOf(number));
    const removal = number < added ? undefined : removals[number - added];
    if (removal !== undefined) {
      yield { ...blank(at, layer), type: removal.kind };
      continue;
    }
    const { inode, linkPath } = additions.at(number);
    if (inode === undefined) yield { ...blank(at, layer), type: 'hardlink', target: `/${linkPath}` };
    else yield fileEntry(at, inode, layer);
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

/** {@link comparePaths} of paths that are not put together: of the name `a` in `folderA`, and `b` in `folderB`. */
function comparePlaces(folderA: string, a: string, folderB: string, b: string): number {
  // Two names, which hold no slash: nearly always.
  if (folderA === folderB) return a < b ? -1 : a > b ? 1 : 0;
  if (isAbove(folderA, folderB)) return comparePaths(a, below(folderB, folderA)) || -1;
  if (isAbove(folderB, folderA)) return -comparePaths(b, below(folderA, folderB)) || 1;
  return comparePaths(folderA, folderB);
}

function isAbove(folder: string, path: string): boolean {
  return folder === '' || (path.startsWith(folder) && path[folder.length] === '/');
}

/** What is left of `path` below `folder`. */
function below(path: string, folder: string): string {
  return folder === '' ? path : path.slice(folder.length + 1);
}
