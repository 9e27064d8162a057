import { hasYear } from '../image/created-time.js';
import type { TarTime } from '../tar/tar-entry.js';
import { fileSize, type Inode, type InodeType } from './inode.js';

/** One line of a listing. */
export interface FileEntry {
  /** From the root of the container: `/usr/bin/sh`. What is not UTF-8 in a name is held as U+DC80..U+DCFF. */
  readonly path: string;
  /** `whiteout` and `opaque` only in the view of one layer: what it hides of those below. */
  readonly type: InodeType | 'hardlink' | 'whiteout' | 'opaque';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file. */
  readonly size: number;
  /** RFC 3339, with nanoseconds where there are any. */
  readonly mtime: string;
  /** The layer that the name comes from; 1 is the base. 0 where no layer has an entry for it. */
  readonly layer: number;
  /** Of a symlink as written; of a hard link the name that it shares a file with. */
  readonly target?: string | undefined;
  /** Major and minor number of a device. */
  readonly device?: readonly [major: number, minor: number] | undefined;
  /** Names of the extended attributes. */
  readonly xattrs?: readonly string[] | undefined;
}

/** `inode` under the name `path`, which begins with a `/`; `shared` is its name that was listed before, without one. `layer` counts from 0, -1 is none. */
export function fileEntry(path: string, inode: Inode, layer: number, shared?: string): FileEntry {
  const { attributes: { type, mode, uid, gid, devMajor, devMinor, xattrs }, mtime } = inode;
  return {
    path,
    type: shared === undefined ? type : 'hardlink',
    mode, uid, gid,
    size: fileSize(inode),
    mtime: formatTime(mtime),
    layer: layer + 1,
    target: shared === undefined ? inode.target || undefined : `/${shared}`,
    device: type === 'character-device' || type === 'block-device' ? [devMajor, devMinor] : undefined,
    xattrs: xattrs.size === 0 ? undefined : [...xattrs.keys()],
  };
}

/** Files have few times, and neighbours the same one. */
const MOST_KNOWN = 1000;
/** Whole seconds since 1970, as text without the `Z`. */
const known = new Map<number, string>();
let last = { seconds: NaN, text: '' };

/** RFC 3339 in UTC; seconds since 1970 where the year has more than four digits. */
function formatTime({ seconds, nanoseconds }: TarTime): string {
  if (!hasYear(seconds)) return `@${seconds}`;
  const text = wholeSeconds(seconds);
  return nanoseconds === 0 ? `${text}Z` : `${text}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}Z`;
}

function wholeSeconds(seconds: number): string {
  if (seconds !== last.seconds) last = { seconds, text: known.get(seconds) ?? remember(seconds) };
  return last.text;
}

function remember(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (known.size === MOST_KNOWN) known.clear();
  known.set(seconds, text);
  return text;
}
