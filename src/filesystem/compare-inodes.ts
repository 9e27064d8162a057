import type { ImageLayer } from './image-layer.js';
import { fileSize, type Inode } from './inode.js';

/** In what two inodes of one name differ. `rewritten`: a layer holds the file anew, whether or not a byte of it differs. */
export type Difference = 'type' | 'content' | 'rewritten' | 'target' | 'device' | 'mode' | 'owner' | 'xattrs' | 'mtime';

/** What counts as a difference. */
export interface CompareOptions {
  /** Content alone: neither mode, owner, attributes nor time. Default false. */
  readonly contentOnly?: boolean | undefined;
  /** Times as well. Default false. */
  readonly mtime?: boolean | undefined;
}

/** How `a` and `b` differ, without a look at the content of files; see {@link sameBody}. */
export function compareInodes(a: Inode, b: Inode, { contentOnly = false, mtime = false }: CompareOptions): Difference[] {
  if (a === b) return [];
  if (a.type !== b.type) return ['type'];
  const found: Difference[] = [];
  if (a.target !== b.target) found.push('target');
  if (a.devMajor !== b.devMajor || a.devMinor !== b.devMinor) found.push('device');
  if (contentOnly) return found;
  // A symlink's own mode means nothing, and no Linux keeps it.
  if (a.mode !== b.mode && a.type !== 'symlink') found.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) found.push('owner');
  if (!sameXattrs(a.xattrs, b.xattrs)) found.push('xattrs');
  if (mtime && (a.mtime.seconds !== b.mtime.seconds || a.mtime.nanoseconds !== b.mtime.nanoseconds)) found.push('mtime');
  return found;
}

/** Whether two files have equal content: `unknown` until both have their digest. */
export function sameBody(a: Inode, b: Inode, oldLayers: readonly ImageLayer[], newLayers: readonly ImageLayer[]): boolean | 'unknown' {
  if (fileSize(a) !== fileSize(b)) return false;
  if (a === b || fileSize(a) === 0) return true;
  if (a.bodyOffset === b.bodyOffset && oldLayers[a.layer]?.descriptor.digest === newLayers[b.layer]?.descriptor.digest) return true;
  // Two stored forms of one sparse file may differ; and one stored form is two files where headers say that its bytes lie elsewhere.
  if (a.size !== b.size || a.sparse?.map !== b.sparse?.map) return false;
  return a.sha256 === undefined || b.sha256 === undefined ? 'unknown' : a.sha256 === b.sha256;
}

function sameXattrs(a: Inode['xattrs'], b: Inode['xattrs']): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined || Buffer.compare(value, other) !== 0) return false;
  }
  return true;
}
