import type { TreeChange } from '../../filesystem/compare-trees.js';
import { FileBytes } from '../../filesystem/file-bytes.js';
import type { ReadLayerOptions } from '../../filesystem/image-layer.js';
import { fileSize } from '../../filesystem/inode.js';
import type { TreeNode } from '../../filesystem/tree-node.js';
import { walkTree } from '../../filesystem/walk-tree.js';
import { diffConfig } from '../diff-config.js';
import { diffFiles } from '../diff-files.js';
import type { LayeredImage } from '../image-layers.js';
import { alignSequences } from '../sequence-diff.js';
import type { ReportedChange, ReportedComparison } from './report-facts.js';
import { TopList } from './top-list.js';

/** How `fresh` differs from `old`: of the changed paths, the `most` that change the most bytes. Reads layers as `diffFiles` does. */
export async function compareImages(old: LayeredImage, fresh: LayeredImage, options: ReadLayerOptions & { readonly location: string; readonly most: number }): Promise<ReportedComparison> {
  const { location, most, ...reading } = options;
  const { changes, added, changed, deleted } = await diffFiles(old.layers, fresh.layers, reading);
  const largest = new TopList<ReportedChange>(most, (a, b) => weight(b) - weight(a) || (a.path < b.path ? -1 : 1));
  let count = 0;
  for (const change of changes) {
    // A folder that is named only because something in it differs.
    if (change.kind === 'changed' && change.differences.length === 0) continue;
    count += 1;
    largest.add(describe(change));
  }
  const aligned = alignSequences(old.layers, fresh.layers, ({ diffId }) => diffId);
  const layers = { same: 0, added: 0, deleted: 0 };
  for (const { kind } of aligned) layers[kind] += 1;
  return { location, digest: old.image.descriptor.digest, layers, added, changed, deleted, changes: largest.sorted(), count, config: diffConfig(old.config, fresh.config) };
}

/** Bytes that an eye on the size of the image should see first: what came or went, then what was rewritten. */
function weight({ kind, oldBytes, newBytes }: ReportedChange): number {
  return kind === 'changed' ? Math.max(oldBytes, newBytes) : oldBytes + newBytes;
}

function describe({ kind, path, old, new: node, differences }: TreeChange): ReportedChange {
  return { kind, path: `/${path}`, differences, oldBytes: kind === 'deleted' ? bytesBelow(old, path) : own(old), newBytes: own(node) };
}

function own(node: TreeNode | undefined): number {
  return node?.inode.type === 'file' ? fileSize(node.inode) : 0;
}

/** Of a deleted folder only the top is named: it stands for all that was in it. */
function bytesBelow(node: TreeNode | undefined, path: string): number {
  if (node === undefined) return 0;
  const bytes = new FileBytes();
  bytes.add(node.inode);
  for (const { node: below } of walkTree(node, path)) bytes.add(below.inode);
  return bytes.total;
}
