import type { TarTime } from '../tar/tar-entry.js';
import type { FileTree } from './file-tree.js';
import { AttributePool } from './attribute-pool.js';
import { IMPLIED_FOLDER, type Inode, type InodeAttributes } from './inode.js';
import type { OpenBody } from './layer-writer.js';

/** A filesystem from a folder or a tar, to make a layer of. The caller closes it. */
export interface Rootfs {
  /** As the user named it. */
  readonly name: string;
  readonly tree: FileTree;
  /** Whether the root folder itself was described: in a tar it may be; that of a folder on disk stays behind. */
  readonly root: 'given' | 'implied';
  /** What could not be taken along, one sentence each. */
  readonly notes: readonly string[];
  readonly open: OpenBody;
  close(): Promise<void>;
}

/** Changes that apply to everything in a rootfs. */
export interface RootfsAdjustments {
  /** Everything belongs to this user and group. Default: as it is. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Later times become this one, in seconds since 1970 (SOURCE_DATE_EPOCH). */
  readonly latest?: number | undefined;
  /** Paths to leave out, and everything below them. */
  readonly excludes?: ((path: string) => boolean) | undefined;
}

/** Applies `adjustments` to the tree of `rootfs`, in place. */
export function adjustRootfs({ tree }: Rootfs, adjustments: RootfsAdjustments): void {
  const { excludes, owner, latest } = adjustments;
  if (excludes !== undefined) {
    const excluded: string[] = [];
    for (const { path } of tree.walk()) if (excludes(path)) excluded.push(path);
    for (const path of excluded) tree.remove(path);
  }
  if (owner === undefined && latest === undefined) return;
  const done = new Map<Inode, Inode>();
  const pool = new AttributePool();
  const adjust = (inode: Inode): Inode => {
    const known = done.get(inode);
    if (known !== undefined) return known;
    if (inode === IMPLIED_FOLDER && owner === undefined) return inode;
    const adjusted = inode.with(owner === undefined ? inode.attributes : pool.share(ownedBy(inode, owner), inode.layer, inode.sparse), pool.shareTime(clamp(inode.mtime, latest)));
    if (inode.linked) done.set(inode, adjusted);
    return adjusted;
  };
  tree.root.inode = adjust(tree.root.inode);
  for (const { node } of tree.walk()) node.inode = adjust(node.inode);
}

function ownedBy({ type, mode, devMajor, devMinor, xattrs, pax }: Inode, owner: { readonly uid: number; readonly gid: number }): Omit<InodeAttributes, 'sparse' | 'layer'> {
  return { type, mode, ...owner, uname: '', gname: '', devMajor, devMinor, xattrs, pax };
}

/** The newest time of anything in `tree`; undefined when it is empty. */
export function newestTime(tree: FileTree): TarTime | undefined {
  let newest: TarTime | undefined;
  const folders = [tree.root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const node of folder.children?.values() ?? []) {
      const { mtime } = node.inode;
      if (newest === undefined || mtime.seconds > newest.seconds) newest = mtime;
      if (node.children !== undefined) folders.push(node);
    }
  }
  return newest;
}

function clamp(time: TarTime, latest: number | undefined): TarTime {
  return latest === undefined || time.seconds < latest ? time : { seconds: latest, nanoseconds: 0 };
}
