import { fileEntry, type FileEntry } from './file-entry.js';
import { Inode } from './inode.js';
import type { LayerChanges, Removal } from './layer-changes.js';
import { comparePlaces } from './path-order.js';
import { join, split } from './path-parts.js';
import type { TreeNode } from './tree-node.js';
import { walkTree } from './walk-tree.js';

/** `node`, which is at `path`, and everything below it, sorted, as `find` lists it; the root itself is not listed. */
export function* listTree(node: TreeNode, path: string): Generator<FileEntry> {
  const shared = new Map<Inode, string>();
  if (path !== '') yield fileEntry(`/${path}`, node.inode, node.layer);
  for (const { path: at, node: each } of walkTree(node, path)) {
    const { inode } = each;
    yield fileEntry(`/${at}`, inode, each.layer, shared.get(inode));
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
  let [folder, start] = ['', '/'];
  // Most layers are: who makes them walks a folder.
  if (!additions.sorted || hidden.length > 0) numbers.sort((a, b) => comparePlaces(folderOf(a), nameOf(a), folderOf(b), nameOf(b)));
  for (const number of numbers) {
    // Neighbours share the text of their folder, and so what their paths begin with.
    if (folderOf(number) !== folder) {
      folder = folderOf(number);
      start = folder === '' ? '/' : `/${folder}/`;
    }
    const at = start + nameOf(number);
    const stands = number < added ? additions.standsAt(number) : removals[number - added]?.kind;
    if (stands instanceof Inode) yield fileEntry(at, stands, layer);
    else if (number < added) yield { ...blank(at, layer), type: 'hardlink', target: `/${stands}` };
    else yield { ...blank(at, layer), type: stands as Removal['kind'] };
  }
}

function blank(path: string, layer: number): Omit<FileEntry, 'type'> {
  return { path, mode: 0, uid: 0, gid: 0, size: 0, mtime: '', layer: layer + 1 };
}
