import type { LentChunk } from '../content/lent-chunk.js';
import type { FileTree } from '../filesystem/file-tree.js';
import { bodySize, treeItems, writeLayer, type OpenBody } from '../filesystem/layer-writer.js';
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
    done += more;
    onProgress({ phase: 'write', item, done, total });
  };
  tell(0);
  return writeLayer(treeItems(tree, root), open, tell);
}
