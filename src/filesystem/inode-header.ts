import type { TarHeaderFields } from '../tar/encode-header.js';
import { fileSize, type Inode } from './inode.js';
import { CAPABILITY } from './link-claim.js';

/** The header of `inode` under the name `path`; of a hard link, `shared` is the name that came first. A sparse file is written in full. */
export function inodeHeader(path: string, inode: Inode, shared?: string): TarHeaderFields {
  const { type, mode, uid, gid, uname, gname, mtime, target, devMajor, devMinor, xattrs, sparse } = inode;
  // Spelled out: spreading costs more than all the rest.
  if (shared !== undefined) return { path, type: 'hardlink', size: 0, mode, uid, gid, uname, gname, mtime, linkPath: shared, devMajor: 0, devMinor: 0, xattrs: capabilityOf(inode), pax: undefined };
  const pax = sparse === undefined ? inode.pax : new Map([...inode.pax].filter(([key]) => !key.startsWith('GNU.sparse.')));
  return { path, type, size: type === 'file' ? fileSize(inode) : 0, mode, uid, gid, uname, gname, mtime, linkPath: target, devMajor, devMinor, xattrs, pax };
}

/** Engines give a file the owner that its hard link tells, and by that Linux takes its capabilities away: the link has to tell them again. */
function capabilityOf({ xattrs }: Inode): ReadonlyMap<string, Uint8Array> | undefined {
  const capability = xattrs.get(CAPABILITY);
  return capability && new Map([[CAPABILITY, capability]]);
}
