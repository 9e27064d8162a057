import { chmodSync, closeSync, constants, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync, openSync } from 'node:fs';
import type { TarTime } from '../../tar/tar-entry.js';
import type { Inode } from '../inode.js';

const SET_IDS = 0o6000;
/** Set-ID bits and the sticky bit. */
const HIGH_BITS = 0o7000;
/** A handle on a name, whatever that is, with which nothing is opened (Linux; Node does not name it). */
const O_PATH = 0o10000000;
/** Of libuv up to 1.51; see {@link toDate}. */
const CUTS_TO_MICROSECONDS = /^1\.(?:[0-4]?\d|5[01])\./.test(process.versions.uv);

/** Whose the extracted files are. */
export type Ownership = 'mine' | 'as-stored';

/** The permission bits that are set: a set-user-ID file means something only together with its owner. */
function modeFor({ mode, type }: Inode, ownership: Ownership): number {
  return ownership === 'as-stored' || type === 'directory' ? mode : mode & ~SET_IDS;
}

/** True when {@link modeFor} takes a set-ID bit away. */
export function losesSetId(inode: Inode, ownership: Ownership): boolean {
  return inode.type !== 'symlink' && modeFor(inode, ownership) !== inode.mode;
}

/** Owner, mode and time of an open file or folder, in the order in which none undoes another. */
export function setMetadata(handle: number, inode: Inode, ownership: Ownership): void {
  // What root makes is root's already.
  if (ownership === 'as-stored' && (inode.uid !== 0 || inode.gid !== 0)) fchownSync(handle, inode.uid, inode.gid);
  fchmodSync(handle, modeFor(inode, ownership));
  const time = toDate(inode.mtime);
  futimesSync(handle, time, time);
}

/** Owner, high mode bits and time of a special file, which is not opened; the other bits it was made with. */
export function setSpecialMetadata(path: string | Buffer, inode: Inode, ownership: Ownership): void {
  setLinkMetadata(path, inode, ownership);
  const mode = modeFor(inode, ownership);
  if ((mode & HIGH_BITS) === 0) return;
  const handle = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    chmodSync(`/proc/self/fd/${handle}`, mode);
  } finally {
    closeSync(handle);
  }
}

/** Owner and time of a symlink, which is not followed. */
export function setLinkMetadata(path: string | Buffer, inode: Inode, ownership: Ownership): void {
  if (ownership === 'as-stored') lchownSync(path, inode.uid, inode.gid);
  const time = toDate(inode.mtime);
  lutimesSync(path, time, time);
}

/**
 * Node takes seconds as a double. Up to libuv 1.51 they are cut to microseconds, so half of one is added; from 1.52 on the nearest
 * double is what is set. Before 1970 only a Date is taken as it is.
 */
function toDate({ seconds, nanoseconds }: TarTime): number | Date {
  if (seconds < 0) return new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6));
  return CUTS_TO_MICROSECONDS ? seconds + (Math.floor(nanoseconds / 1000) + 0.5) / 1e6 : seconds + nanoseconds / 1e9;
}

