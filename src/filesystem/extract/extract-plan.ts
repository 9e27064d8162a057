import type { FileTree } from '../file-tree.js';
import type { Inode } from '../inode.js';
import type { WalkedNode } from '../walk-tree.js';

/** A name to make on disk. */
export interface PlannedName {
  /** The path of the folder that it is in, and the name in it. */
  readonly folder: string;
  readonly name: string;
  readonly inode: Inode;
  /** Of a further name of a file: the first, which comes before it. */
  readonly first?: PlannedName | undefined;
}

/**
 * Everything in `tree` below `paths` (all of it when there are none), and the folders above, each folder before what it holds. Paths are
 * those of nodes, links resolved. Made anew each time it is iterated, so that a plan of a million names takes no memory.
 */
export function planExtraction(tree: FileTree, paths: readonly string[]): Iterable<PlannedName> {
  return { [Symbol.iterator]: () => planned(tree, paths) };
}

function* planned(tree: FileTree, paths: readonly string[]): Generator<PlannedName> {
  const firsts = new Map<Inode, PlannedName>();
  for (const { folder, name, node: { inode } } of chosen(tree, paths)) {
    if (!inode.linked) {
      yield { folder, name, inode };
      continue;
    }
    const first = firsts.get(inode);
    const each = { folder, name, inode, first };
    if (first === undefined) firsts.set(inode, each);
    yield each;
  }
}

function* chosen(tree: FileTree, paths: readonly string[]): Generator<Pick<WalkedNode, 'folder' | 'name' | 'node'>> {
  if (paths.length === 0 || paths.includes('')) {
    yield* tree.walk();
    return;
  }
  const seen = new Set<string>();
  // Two that were asked for may be one: `bin` and `usr/bin`, where one is a link to the other.
  for (const path of [...new Set(paths)].sort()) {
    const names = path.split('/');
    // A chosen folder brings all below it.
    if (names.some((_, i) => i < names.length - 1 && paths.includes(names.slice(0, i + 1).join('/')))) continue;
    for (let depth = 1; depth <= names.length; depth++) {
      const folder = names.slice(0, depth - 1).join('/');
      const name = names[depth - 1] as string;
      const part = names.slice(0, depth).join('/');
      const node = tree.get(part);
      if (node === undefined || seen.has(part)) continue;
      seen.add(part);
      yield { folder, name, node };
    }
    const node = tree.get(path);
    if (node !== undefined) yield* tree.walk(node, path);
  }
}
