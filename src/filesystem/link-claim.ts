import type { TarEntry } from '../tar/tar-entry.js';
import type { Inode } from './inode.js';

/** What the entry of a hard link says of the file that it names anew, whose own entry has said it already. */
export interface LinkClaim {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly capability: Uint8Array | undefined;
}

export const CAPABILITY = 'security.capability';
const NO_CAPABILITY = new Uint8Array(0);
const SET_IDS = 0o6000;

/** The claim of a hard link; `last`, that of the one before it, when it is the same one. */
export function claimOf({ mode, uid, gid, xattrs }: TarEntry, last: LinkClaim | undefined): LinkClaim {
  const capability = xattrs.get(CAPABILITY);
  const same = last !== undefined && capability === undefined && last.capability === undefined && last.mode === mode && last.uid === uid && last.gid === gid;
  return same ? last : { mode, uid, gid, capability };
}

/**
 * How `claim` gives the file `inode` rights that its own entry does not: set-ID bits, or whose they are, or capabilities; undefined when it does not.
 * Docker believes the last link, tar and umoci the entry of the file, and so do we: a file would run with rights that
 * nobody was shown. In everything else, and where the link gives less, the entry of the file is believed.
 */
export function unseenRights(claim: LinkClaim, inode: Inode): string | undefined {
  if (inode.type !== 'file') return undefined;
  const other = claim.mode !== inode.mode || claim.uid !== inode.uid || claim.gid !== inode.gid;
  if (other && (claim.mode & SET_IDS) !== 0) return `${rights(claim)}, where the file's own entry says ${rights(inode)}`;
  const changed = claim.capability !== undefined && Buffer.compare(claim.capability, inode.xattrs.get(CAPABILITY) ?? NO_CAPABILITY) !== 0;
  return changed ? "capabilities that the file's own entry does not have" : undefined;
}

function rights({ mode, uid, gid }: Pick<LinkClaim, 'mode' | 'uid' | 'gid'>): string {
  return `mode ${mode.toString(8).padStart(4, '0')} of ${uid}:${gid}`;
}
