import { BLOCK, paddingOf } from '../tar/block.js';
import { encodeHeader } from '../tar/encode-header.js';
import { fileSize, NO_LAYER, type Inode } from './inode.js';
import { inodeHeader } from './inode-header.js';
import type { FileTree } from './file-tree.js';

/** Headers that follow each other without a body between them, and the body after the last of them. */
export interface TarSegment {
  /** Of the first header in the tar. */
  readonly offset: number;
  /** Numbers of its entries. */
  readonly first: number;
  readonly end: number;
  /** The file whose body follows; undefined for the last segment, which the end marker follows. */
  readonly body: { readonly inode: Inode; readonly offset: number } | undefined;
}

/**
 * A tree as a tar, planned to the byte before any of it is written: sorted, folders before what they hold, the body of a
 * file with its first name and hard links after it. Only what the tree shows decides the bytes, not its layers.
 */
export class TreeTar {
  readonly segments: readonly TarSegment[];
  /** Bytes of the whole tar, end marker included. */
  readonly size: number;
  readonly #paths: string[] = [];
  readonly #inodes: Inode[] = [];
  /** The first name of the others; by number of the entry. */
  readonly #shared = new Map<number, string>();

  constructor(tree: FileTree) {
    const segments: TarSegment[] = [];
    const named = new Map<Inode, string>();
    let offset = 0;
    let start = 0;
    let first = 0;
    const add = (path: string, inode: Inode): void => {
      const number = this.#paths.push(path) - 1;
      this.#inodes.push(inode);
      const shared = inode.linked ? named.get(inode) : undefined;
      if (shared !== undefined) this.#shared.set(number, shared);
      else if (inode.linked) named.set(inode, path);
      offset += this.#header(number).length;
      const size = shared === undefined && inode.type === 'file' ? fileSize(inode) : 0;
      if (size === 0) return;
      segments.push({ offset: start, first, end: number + 1, body: { inode, offset } });
      offset += size + paddingOf(size);
      start = offset;
      first = number + 1;
    };
    // The root has an entry only where a layer gave it one, as an engine's own tars have none.
    if (tree.root.inode.layer !== NO_LAYER) add('', tree.root.inode);
    for (const { path, node } of tree.walk()) add(path, node.inode);
    segments.push({ offset: start, first, end: this.#paths.length, body: undefined });
    this.segments = segments;
    this.size = offset + 2 * BLOCK;
  }

  get entries(): number {
    return this.#paths.length;
  }

  /** The header blocks of a segment. */
  headers({ first, end }: TarSegment): Buffer {
    if (end === first + 1) return Buffer.from(this.#header(first));
    const blocks: Uint8Array[] = [];
    for (let number = first; number < end; number++) blocks.push(this.#header(number));
    return Buffer.concat(blocks);
  }

  #header(number: number): Uint8Array {
    return encodeHeader(inodeHeader(this.#paths[number] as string, this.#inodes[number] as Inode, this.#shared.get(number)));
  }
}
