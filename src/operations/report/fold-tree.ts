import type { FileEntry } from '../../filesystem/file-entry.js';
import { TopList } from './top-list.js';

/** A folder or file of a {@link FoldedTree}. */
export interface FoldedNode {
  /** One component of a path; empty for the root. */
  readonly name: string;
  /** Place of its folder in the list; -1 for the root. */
  readonly parent: number;
  /** Of a file its size; undefined for a folder. */
  readonly bytes: number | undefined;
  /** Of a file the layer it comes from, 1 being the base; of a folder 0. */
  readonly layer: number;
  /** Of a folder: files below it that have no node, and whose folders have none either. */
  readonly rest: { files: number; bytes: number };
}

/** The files of an image with the small ones added up per folder, so that it never has more than a given number of nodes. */
export interface FoldedTree {
  /** The root first, a folder before what it holds, in the order of the listing. */
  readonly nodes: readonly FoldedNode[];
  /** Files with a node of their own. */
  readonly shown: number;
  /** Regular files, names that share one counted once. */
  readonly files: number;
  readonly folders: number;
  /** Links, devices and the like. */
  readonly others: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** What of the files comes from each layer, base first. */
  readonly perLayer: readonly { readonly files: number; readonly bytes: number }[];
}

export interface FoldLimits {
  /** Most files with a node of their own. */
  readonly files: number;
  /** Most nodes. */
  readonly nodes: number;
  /** Most characters of all names together. */
  readonly nameCharacters: number;
}

interface Found {
  readonly path: string;
  readonly size: number;
}

/** Folds a listing, which is iterated twice: the largest files keep a node. Ties go to the first path, so the same listing folds the same way. */
export function foldTree(entries: Iterable<FileEntry>, layers: number, limits: FoldLimits): FoldedTree {
  const largest = new TopList<Found>(limits.files, (a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
  const perLayer = Array.from({ length: layers }, () => ({ files: 0, bytes: 0 }));
  const sums = { files: 0, folders: 0, others: 0, bytes: 0 };
  for (const { type, path, size, layer } of entries) {
    if (type === 'directory') sums.folders += 1;
    else if (type !== 'file') sums.others += 1;
    else {
      sums.files += 1;
      sums.bytes += size;
      const account = perLayer[layer - 1];
      if (account !== undefined) {
        account.files += 1;
        account.bytes += size;
      }
      largest.add({ path, size });
    }
  }
  const kept = keep(largest.sorted(), limits);
  const nodes = lay(entries, kept);
  return { nodes, shown: nodes.filter(({ bytes }) => bytes !== undefined).length, perLayer, ...sums };
}

/** The paths that get a node: as many of `files`, with the folders above them, as the limits allow. */
function keep(files: readonly Found[], { nodes, nameCharacters }: FoldLimits): ReadonlySet<string> {
  const kept = new Set<string>();
  let characters = 0;
  for (const { path } of files) {
    const added: string[] = [];
    for (let at = path; at !== '' && !kept.has(at); at = at.slice(0, at.lastIndexOf('/'))) {
      added.push(at);
      // A path this deep would take all the room: it is counted in a folder above.
      if (added.length > 100) break;
    }
    const length = added.reduce((sum, at) => sum + at.length - at.lastIndexOf('/') - 1, 0);
    if (added.length > 100) continue;
    if (kept.size + added.length >= nodes || characters + length > nameCharacters) break;
    characters += length;
    for (const at of added) kept.add(at);
  }
  return kept;
}

function lay(entries: Iterable<FileEntry>, kept: ReadonlySet<string>): readonly FoldedNode[] {
  const root: FoldedNode = { name: '', parent: -1, bytes: undefined, layer: 0, rest: { files: 0, bytes: 0 } };
  const nodes = [root];
  /** The folders with a node around the entry, from the root down. */
  const open = [{ prefix: '/', number: 0, node: root }];
  const innermost = (): (typeof open)[number] => open.at(-1) as (typeof open)[number];
  for (const { path, type, size, layer } of entries) {
    if (type !== 'file' && type !== 'directory') continue;
    while (!path.startsWith(innermost().prefix)) open.pop();
    const { number: parent, node: folder } = innermost();
    if (!kept.has(path)) {
      if (type === 'directory') continue;
      folder.rest.files += 1;
      folder.rest.bytes += size;
      continue;
    }
    const isFile = type === 'file';
    const node: FoldedNode = { name: path.slice(path.lastIndexOf('/') + 1), parent, bytes: isFile ? size : undefined, layer: isFile ? layer : 0, rest: { files: 0, bytes: 0 } };
    const number = nodes.push(node) - 1;
    if (!isFile) open.push({ prefix: `${path}/`, number, node });
  }
  return nodes;
}
