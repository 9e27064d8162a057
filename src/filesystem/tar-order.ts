import type { FileTree } from './file-tree.js';
import { fileSize, NO_LAYER, type Inode } from './inode.js';
import { TarBodies } from './tar-bodies.js';

/**
 * `path`: sorted, folders before what they hold, so that only what the tree shows decides, not its layers. `layers`: files with content
 * first, those of the top layer before those of the one below, each layer's in its own order; then the other names, sorted; then the
 * folders from the last to the first, each after all that is in it: whoever unpacks it sets their times when nothing changes them any more.
 */
export type TarOrder = 'path' | 'layers';

/** A name that becomes an entry of a tar. */
export interface TarName {
  /** The path of the folder that it is in, and the name in it; both empty for the root. */
  readonly folder: string;
  readonly name: string;
  readonly inode: Inode;
  /** Of a hard link: the name that came first. */
  readonly shared: string | undefined;
}

/** Every name of `tree`, the body of a file with its first name (by path), hard links after it. Made anew each time, so that a million take little memory. */
export function tarNames(tree: FileTree, order: TarOrder): Generator<TarName> {
  return order === 'path' ? namesByPath(tree) : namesByLayer(tree);
}

function* namesByPath(tree: FileTree): Generator<TarName> {
  const firsts = new Map<Inode, string>();
  if (hasRoot(tree)) yield { folder: '', name: '', inode: tree.root.inode, shared: undefined };
  for (const { path, folder, name, node: { inode } } of tree.walk()) {
    const shared = inode.linked ? firsts.get(inode) : undefined;
    if (inode.linked && shared === undefined) firsts.set(inode, path);
    yield { folder, name, inode, shared };
  }
}

function* namesByLayer(tree: FileTree): Generator<TarName> {
  const bodies = new Map<number, TarBodies>();
  for (const { folder, name, inode, shared } of namesByPath(tree)) {
    if (bodySize(inode) > 0 && shared === undefined) bodiesOf(bodies, inode.layer).push({ folder, name, inode, bodyOffset: 0 });
  }
  for (const layer of [...bodies.keys()].sort((a, b) => b - a)) {
    for (const { folder, name, inode } of bodies.get(layer) ?? []) yield { folder, name, inode, shared: undefined };
    bodies.delete(layer);
  }
  const [folders, names, inodes]: [string[], string[], Inode[]] = [[], [], []];
  for (const each of namesByPath(tree)) {
    const { inode, shared } = each;
    if (inode.type !== 'directory') {
      if (bodySize(inode) === 0 || shared !== undefined) yield each;
      continue;
    }
    folders.push(each.folder);
    names.push(each.name);
    inodes.push(inode);
  }
  for (let i = names.length - 1; i >= 0; i--) yield { folder: folders[i] as string, name: names[i] as string, inode: inodes[i] as Inode, shared: undefined };
}

/** The root has an entry only where a layer gave it one, as an engine's own tars have none. */
function hasRoot({ root }: FileTree): boolean {
  return root.inode.layer !== NO_LAYER;
}

/** The bodies of layer number `layer` in `byLayer`. */
export function bodiesOf(byLayer: Map<number, TarBodies>, layer: number): TarBodies {
  const known = byLayer.get(layer);
  if (known !== undefined) return known;
  const bodies = new TarBodies();
  byLayer.set(layer, bodies);
  return bodies;
}

/** Bytes of the body of `inode` in a tar, where it is no hard link. */
export function bodySize(inode: Inode): number {
  return inode.type === 'file' ? fileSize(inode) : 0;
}
