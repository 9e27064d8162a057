import { createHash, hash } from 'node:crypto';
import { lentBytes } from '../content/lent-chunk.js';
import type { TarTime } from '../tar/tar-entry.js';
import { compareInodes } from './compare-inodes.js';
import type { FileTree } from './file-tree.js';
import { hashBodies } from './hash-bodies.js';
import type { ImageLayer, ReadLayerOptions } from './image-layer.js';
import { fileSize, IMPLIED_FOLDER, type Inode } from './inode.js';
import { NodeFinder } from './node-finder.js';
import type { Rootfs } from './rootfs.js';

/** Node sets and reads times of files on disk to the microsecond. */
const TOLERANCE = 1000;

export interface ReconcileOptions extends ReadLayerOptions {
  /** Whether the rootfs tells extended attributes; a folder does not. */
  readonly xattrs: 'known' | 'unknown';
  /** Later times become this one, in seconds since 1970 (SOURCE_DATE_EPOCH), but where the base has the very time: that is no change. */
  readonly latest?: number | undefined;
}

/**
 * Makes files of `rootfs` comparable with those of `base`, which `layers` make, in place: times that differ only by what a tar
 * or a disk cannot hold become equal, files that may be equal get the digest of their content, and where the rootfs cannot
 * tell attributes, a file of unchanged content keeps those of the base.
 */
export async function reconcileRootfs(rootfs: Rootfs, base: FileTree, layers: readonly ImageLayer[], options: ReconcileOptions): Promise<void> {
  const wanted: Inode[] = [];
  /** Of each name on the walk, whether its file may be that of the base: to walk again takes less memory than to hold a million pairs and their paths. */
  const verdicts: boolean[] = [];
  const latest = options.latest === undefined ? undefined : { seconds: options.latest, nanoseconds: 0 };
  const taking = { xattrs: options.xattrs, latest };
  if (rootfs.root === 'given') adopt(base.root.inode, rootfs.tree.root.inode, taking);
  const below = new NodeFinder(base);
  for (const { folder, name, node } of rootfs.tree.walk()) {
    const { inode: own } = node;
    const old = below.find(folder, name)?.inode;
    let verdict = false;
    if (old?.type === own.type) {
      if (own === IMPLIED_FOLDER) node.inode = old; // No entry says anything of it.
      else {
        adopt(old, own, taking);
        verdict = mayBeEqual(old, own, options);
      }
      if (verdict) wanted.push(old);
    } else bound(own, latest);
    verdicts.push(verdict);
  }
  await hashBodies(layers, wanted, { ...options, proof: 'digest' });
  let walked = 0;
  for (const { path, folder, name, node: { inode: own } } of rootfs.tree.walk()) {
    if (verdicts[walked++] !== true) continue;
    const old = below.find(folder, name)?.inode as Inode;
    if (fileSize(own) > 0) own.sha256 ??= await digestOf(rootfs, own, path);
    if (options.xattrs === 'unknown' && own.sha256 === old.sha256) own.xattrs = old.xattrs;
  }
}

/** What differs only because it could not be told is taken over. */
function adopt(old: Inode, own: Inode, { xattrs, latest }: { readonly xattrs: ReconcileOptions['xattrs']; readonly latest: TarTime | undefined }): void {
  if (sameTime(old.mtime, own.mtime)) own.mtime = old.mtime;
  else bound(own, latest);
  if (xattrs === 'unknown' && old.type !== 'file') own.xattrs = old.xattrs;
}

function bound(own: Inode, latest: TarTime | undefined): void {
  if (latest !== undefined && own.mtime.seconds >= latest.seconds) own.mtime = latest;
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
  const chunks = rootfs.open(inode, path);
  // Most files are one chunk that is here already, and no object is made for them.
  if (Array.isArray(chunks) && chunks.length === 1) return hash('sha256', chunks[0] as Uint8Array, 'binary');
  const hasher = createHash('sha256');
  for await (const chunk of chunks) hasher.update(lentBytes(chunk));
  return hasher.digest('binary');
}
