import { BLOCK, paddingOf } from '../tar/block.js';
import { headerSize } from '../tar/encode-header.js';
import type { FileTree } from './file-tree.js';
import { inodeHeader } from './inode-header.js';
import { join } from './path-parts.js';
import { bodySize, tarNames, type TarName, type TarOrder } from './tar-order.js';

/** One entry of a planned tar. */
export interface PlannedEntry extends TarName {
  /** Of the header in the tar. */
  readonly offset: number;
  readonly bodyOffset: number;
  /** Bytes of the body; 0 where there is none. */
  readonly size: number;
}

/**
 * `tree` as a tar, planned to the byte before any of it is written. Returns the size of the tar, end marker included. Made anew each
 * time, so that a plan of a million entries takes little memory.
 */
export function* planTreeTar(tree: FileTree, order: TarOrder): Generator<PlannedEntry, number> {
  let offset = 0;
  for (const { folder, name, inode, shared } of tarNames(tree, order)) {
    const bodyOffset = offset + headerSize(inodeHeader(join(folder, name), inode, shared));
    const size = shared === undefined ? bodySize(inode) : 0;
    yield { folder, name, inode, shared, offset, bodyOffset, size };
    offset = bodyOffset + size + paddingOf(size);
  }
  return offset + 2 * BLOCK;
}
