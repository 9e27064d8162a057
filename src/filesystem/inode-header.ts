import type { TarHeaderFields } from '../tar/encode-header.js';
import { fileSize, type Inode } from './inode.js';

/** The header of `inode` under the name `path`; of a hard link, `shared` is the name that came first. A sparse file is written in full. */
export function inodeHeader(path: string, inode: Inode, shared?: string): TarHeaderFields {
  const { type, mode, uid, gid, uname, gname, mtime, target, devMajor, devMinor, xattrs, sparse } = inode;
  // Spelled out: spreading costs more than all the rest.
  if (shared !== undefined) return { path, type: 'hardlink', size: 0, mode, uid, gid, uname, gname, mtime, linkPath: shared, devMajor: 0, devMinor: 0, xattrs: undefined, pax: undefined };
  const pax = sparse === undefined ? inode.pax : new Map([...inode.pax].filter(([key]) => !key.startsWith('GNU.sparse.')));
  return { path, type, size: type === 'file' ? fileSize(inode) : 0, mode, uid, gid, uname, gname, mtime, linkPath: target, devMajor, devMinor, xattrs, pax };
}
