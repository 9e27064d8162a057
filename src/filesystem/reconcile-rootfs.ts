import { createHash } from 'node:crypto';
import type { TarTime } from '../tar/tar-entry.js';
import { compareInodes } from './compare-inodes.js';
import type { FileTree } from './file-tree.js';
import { hashBodies } from './hash-bodies.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import { fileSize, IMPLIED_FOLDER, type Inode } from './inode.js';
import type { Rootfs } from './rootfs.js';

/** Node sets and reads times of files on disk to the microsecond. */
const TOLERANCE = 1000;

export interface ReconcileOptions extends ReadLayerOptions {
  /** Whether the rootfs tells extended attributes; a folder does not. */
  readonly xattrs: 'known' | 'unknown';
}

/**
 * Makes files of `rootfs` comparable with those of `base`, which `layers` make, in place: times that differ only by what a tar
 * or a disk cannot hold become equal, files that may be equal get the digest of their content, and where the rootfs cannot
 * tell attributes, a file of unchanged content keeps those of the base.
 */
export async function reconcileRootfs(rootfs: Rootfs, base: FileTree, layers: readonly ImageLayer[], options: ReconcileOptions): Promise<void> {
  const pairs: { readonly old: Inode; readonly own: Inode; readonly path: string }[] = [];
  if (rootfs.root === 'given') adopt(base.root.inode, rootfs.tree.root.inode, options);
  for (const { path, node } of rootfs.tree.walk()) {
    const { inode: own } = node;
    const old = base.get(path)?.inode;
    if (old === undefined || old.type !== own.type) continue;
    if (own === IMPLIED_FOLDER) {
      // No entry says anything of it.
      node.inode = old;
      continue;
    }
    adopt(old, own, options);
    if (mayBeEqual(old, own, options)) pairs.push({ old, own, path });
  }
  await hashBodies(layers, new Set(pairs.map(({ old }) => old)), { ...options, proof: 'digest' });
  for (const { old, own, path } of pairs) {
    if (fileSize(own) > 0) own.sha256 ??= await digestOf(rootfs, own, path);
    if (options.xattrs === 'unknown' && own.sha256 === old.sha256) Object.assign(own, { xattrs: old.xattrs });
  }
}

/** What differs only because it could not be told is taken over. */
function adopt(old: Inode, own: Inode, { xattrs }: ReconcileOptions): void {
  if (sameTime(old.mtime, own.mtime)) Object.assign(own, { mtime: old.mtime });
  if (xattrs === 'unknown' && old.type !== 'file') Object.assign(own, { xattrs: old.xattrs });
}

function mayBeEqual(old: Inode, own: Inode, { xattrs }: ReconcileOptions): boolean {
  if (own.type !== 'file' || old.sparse !== undefined || fileSize(own) !== fileSize(old)) return false;
  if (xattrs === 'unknown' && old.xattrs.size > 0) return true;
  return compareInodes(old, own, { mtime: true }).length === 0;
}

function sameTime(a: TarTime, b: TarTime): boolean {
  if (a.seconds !== b.seconds) return false;
  return a.nanoseconds === 0 || b.nanoseconds === 0 || Math.abs(a.nanoseconds - b.nanoseconds) <= TOLERANCE;
}

async function digestOf(rootfs: Rootfs, inode: Inode, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of rootfs.open(inode, path)) hash.update(chunk);
  return hash.digest('hex');
}
