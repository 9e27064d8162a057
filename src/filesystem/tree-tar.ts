import { BLOCK, paddingOf } from '../tar/block.js';
import { headerSize } from '../tar/encode-header.js';
import type { FileTree } from './file-tree.js';
import { fileSize, NO_LAYER, type Inode } from './inode.js';
import { inodeHeader } from './inode-header.js';

/** One entry of a planned tar. */
export interface PlannedEntry {
  readonly path: string;
  readonly inode: Inode;
  /** Of a hard link: the name that came first. */
  readonly shared: string | undefined;
  /** Of the header in the tar. */
  readonly offset: number;
  readonly bodyOffset: number;
  /** Bytes of the body; 0 where there is none. */
  readonly size: number;
}

/**
 * `tree` as a tar, planned to the byte before any of it is written: sorted, folders before what they hold, the body of a
 * file with its first name and hard links after it. Only what the tree shows decides, not its layers. Returns the size of
 * the tar, end marker included. Made anew each time, so that a plan of a million entries takes no memory.
 */
export function* planTreeTar(tree: FileTree): Generator<PlannedEntry, number> {
  const named = new Map<Inode, string>();
  let offset = 0;
  const plan = (path: string, inode: Inode): PlannedEntry => {
    const shared = inode.linked ? named.get(inode) : undefined;
    if (inode.linked && shared === undefined) named.set(inode, path);
    const start = offset;
    const bodyOffset = start + headerSize(inodeHeader(path, inode, shared));
    const size = shared === undefined && inode.type === 'file' ? fileSize(inode) : 0;
    offset = bodyOffset + size + paddingOf(size);
    return { path, inode, shared, offset: start, bodyOffset, size };
  };
  // The root has an entry only where a layer gave it one, as an engine's own tars have none.
  if (tree.root.inode.layer !== NO_LAYER) yield plan('', tree.root.inode);
  for (const { path, node } of tree.walk()) yield plan(path, node.inode);
  return offset + 2 * BLOCK;
}
