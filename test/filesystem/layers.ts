import { FileTree } from '../../src/filesystem/file-tree.js';
import { LayerChanges } from '../../src/filesystem/layer-changes.js';
import type { TreeNode } from '../../src/filesystem/tree-node.js';
import type { TarEntry } from '../../src/tar/tar-entry.js';

/** An entry in short: `d/` a folder, `a -> b` a symlink, `a = b` a hard link, `a:text` a file of that size and time, else an empty file. */
export type Short = string | Partial<TarEntry>;

const BASE: TarEntry = {
  path: '', type: 'file', size: 0, mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime: { seconds: 0, nanoseconds: 0 }, linkPath: '',
  devMajor: 0, devMinor: 0, xattrs: new Map(), pax: new Map(), sparse: undefined, headerOffset: 0, bodyOffset: 512,
};

export function entry(short: Short): TarEntry {
  if (typeof short !== 'string') return { ...BASE, ...short };
  if (short.endsWith('/')) return { ...BASE, path: short.slice(0, -1), type: 'directory', mode: 0o755 };
  const link = /^(.*) (->|=) (.*)$/.exec(short);
  if (link !== null) return { ...BASE, path: link[1] as string, type: link[2] === '=' ? 'hardlink' : 'symlink', linkPath: link[3] as string };
  const [path = '', size] = short.split(':');
  return { ...BASE, path, size: Number(size ?? 0) };
}

export function changes(number: number, entries: readonly Short[]): LayerChanges {
  const made = new LayerChanges(number, `layer ${number}`);
  for (const each of entries) made.add(entry(each));
  return made;
}

/** The tree of layers in short, base first. */
export function treeOf(...layers: readonly (readonly Short[])[]): FileTree {
  const tree = new FileTree();
  layers.forEach((entries, i) => tree.apply(changes(i, entries)));
  return tree;
}

/** Every path with the layer it comes from: `usr/ 0`, `usr/a 1`. */
export function shown(tree: FileTree): readonly string[] {
  return [...tree.walk()].map(({ path, node }) => `${path}${suffix(node)} ${node.layer}`);
}

function suffix({ inode }: TreeNode): string {
  return inode.type === 'directory' ? '/' : inode.type === 'symlink' ? ` -> ${inode.target}` : '';
}
