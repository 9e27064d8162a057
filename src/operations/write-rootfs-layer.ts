import type { LentChunk } from '../content/lent-chunk.js';
import type { FileTree } from '../filesystem/file-tree.js';
import { fileSize } from '../filesystem/inode.js';
import { treeItems, writeLayer, type LayerItem, type OpenBody } from '../filesystem/layer-writer.js';
import type { ProgressListener } from '../progress.js';

/** What of a rootfs becomes a layer. */
export interface RootfsPart {
  readonly tree: FileTree;
  readonly root: 'given' | 'implied';
  readonly open: OpenBody;
}

/** The layer of `part` as {@link writeLayer} makes it; the bytes of its files are told as they are read, under the name `item`. */
export function writeRootfsLayer({ tree, root, open }: RootfsPart, item: string, onProgress: ProgressListener | undefined): AsyncIterable<LentChunk> {
  if (onProgress === undefined) return writeLayer(treeItems(tree, root), open);
  let total = 0;
  for (const each of treeItems(tree, root)) total += bodySize(each);
  let done = 0;
  const tell = (more: number): void => {
    // Of a file that grew, what is too much is an error of the layer.
    done = Math.min(done + more, total);
    onProgress({ phase: 'write', item, done, total });
  };
  tell(0);
  return writeLayer(treeItems(tree, root), (inode, path) => {
    const chunks = open(inode, path);
    return Symbol.iterator in chunks ? told(chunks, tell) : toldLater(chunks, tell);
  });
}

function bodySize({ inode, link }: LayerItem): number {
  return link === undefined && inode.type === 'file' ? fileSize(inode) : 0;
}

function* told(chunks: Iterable<LentChunk>, tell: (more: number) => void): Generator<LentChunk, void, undefined> {
  for (const chunk of chunks) {
    tell(chunk.length);
    yield chunk;
  }
}

async function* toldLater(chunks: AsyncIterable<LentChunk>, tell: (more: number) => void): AsyncGenerator<LentChunk, void, undefined> {
  for await (const chunk of chunks) {
    tell(chunk.length);
    yield chunk;
  }
}
