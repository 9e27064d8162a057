import { ChunkBatch } from '../content/chunk-batch.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { BLOCK, paddingOf, zeros } from '../tar/block.js';
import { ImgkitError } from '../errors.js';
import { encodeHeader } from '../tar/encode-header.js';
import type { FileTree } from './file-tree.js';
import { fileSize, type Inode } from './inode.js';
import { inodeHeader } from './inode-header.js';

/** One entry of a layer that is written. */
export interface LayerItem {
  readonly path: string;
  readonly inode: Inode;
  /** The earlier path of the same file: a hard link is written. */
  readonly link?: string | undefined;
}

/** The bytes of a file, `fileSize(inode)` of them, lent; `path` is one of its names. */
export type OpenBody = (inode: Inode, path: string) => Iterable<LentChunk> | AsyncIterable<LentChunk>;

/**
 * Everything in `tree`, sorted: a folder before what it holds, a file's first name before its hard links. The root folder
 * comes first when it is `root: 'given'`.
 */
export function* treeItems(tree: FileTree, root: 'given' | 'implied'): Generator<LayerItem> {
  if (root === 'given') yield { path: '', inode: tree.root.inode };
  const first = new Map<Inode, string>();
  for (const { path, node: { inode } } of tree.walk()) {
    const link = inode.linked ? first.get(inode) : undefined;
    if (inode.linked && link === undefined) first.set(inode, path);
    yield { path, inode, link };
  }
}

/** Bytes of a file that are written for `item`. */
export function bodySize({ inode, link }: LayerItem): number {
  return link === undefined && inode.type === 'file' ? fileSize(inode) : 0;
}

/**
 * `items` as an uncompressed layer, end marker included, in chunks that are lent. Only the items decide the bytes. `onBytes` is told how many
 * more bytes of files were read, {@link bodySize} of all items in the end.
 */
export async function* writeLayer(items: Iterable<LayerItem>, open: OpenBody, onBytes?: (more: number) => void): AsyncGenerator<LentChunk, void, undefined> {
  const batch = new ChunkBatch();
  try {
    yield* write(items, open, batch, onBytes);
  } finally {
    batch.release();
  }
}

async function* write(items: Iterable<LayerItem>, open: OpenBody, batch: ChunkBatch, onBytes: ((more: number) => void) | undefined): AsyncGenerator<LentChunk, void, undefined> {
  for (const item of items) {
    const { path, inode } = item;
    const body = bodySize(item);
    for (const each of batch.add(layerHeader(item))) yield each;
    if (body === 0) continue;
    let left = body;
    const take = (chunk: LentChunk): readonly LentChunk[] => {
      left -= chunk.length;
      if (left < 0) throw otherSize(path, body, 'more');
      onBytes?.(chunk.length);
      return batch.add(chunk);
    };
    const chunks = open(inode, path);
    // Most files are one chunk that is here already: waiting for each would take longer than all the rest.
    if (Symbol.iterator in chunks) for (const chunk of chunks) for (const each of take(chunk)) yield each;
    else for await (const chunk of chunks) for (const each of take(chunk)) yield each;
    if (left !== 0) throw otherSize(path, body, String(body - left));
    for (const each of batch.add(zeros(paddingOf(body)))) yield each;
  }
  for (const each of [...batch.add(zeros(2 * BLOCK)), ...batch.flush()]) yield each;
}

/** The header of `item`, without the times of reading and changing: they say nothing of the content, and no two runs would give the same bytes. */
export function layerHeader({ path, inode, link }: LayerItem): Uint8Array {
  const header = inodeHeader(path, inode, link);
  const { pax } = header;
  return encodeHeader(pax === undefined || pax.size === 0 ? header : { ...header, pax: new Map([...pax].filter(([key]) => key !== 'atime' && key !== 'ctime')) });
}

function otherSize(path: string, expected: number, found: string): ImgkitError {
  return new ImgkitError('io-failed', `${path}: changed while it was read: it had ${expected} bytes, now ${found} came; let nothing write there and run it again.`, { entry: path, expected: String(expected), found });
}
