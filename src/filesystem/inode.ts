import type { SparseForm, TarEntryType, TarTime } from '../tar/tar-entry.js';

/** What a name can stand for; a hard link is one more name of another inode. */
export type InodeType = Exclude<TarEntryType, 'hardlink'>;

/** The layer number of what no layer holds: folders that entries imply, files of the disk. */
export const NO_LAYER = -1;

/** A file that is stored with holes; the map of them is read anew when it is needed, so that it costs no memory. */
export interface StoredSparse extends SparseForm {
  /** Where in the uncompressed layer its headers, which hold the map or announce it, start. */
  readonly headerOffset: number;
}

/**
 * A file, folder, link or device without its name, as the tar entry that made it says. Hard links are several names with
 * one and the same inode object. Text holds invalid UTF-8 as in tar/text.ts.
 */
export interface Inode {
  readonly type: InodeType;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly mtime: TarTime;
  /** Bytes of the body as stored; of a sparse file the stored form. */
  readonly size: number;
  /** Of a symlink, as written; else empty. */
  readonly target: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  readonly pax: ReadonlyMap<string, string>;
  readonly sparse: StoredSparse | undefined;
  /** Number of the layer that holds the body, base 0; or {@link NO_LAYER}. */
  readonly layer: number;
  /** Where in the uncompressed layer the body starts. */
  readonly bodyOffset: number;
  /** True once a hard link has given it another name. Names may be gone again. */
  linked: boolean;
  /** SHA-256 of a file's body as stored, in hexadecimal, once it was computed. */
  sha256?: string | undefined;
}

const NO_TIME: TarTime = Object.freeze({ seconds: 0, nanoseconds: 0 });
const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
const NO_RECORDS: ReadonlyMap<string, string> = new Map();

/** A folder that no layer holds and an entry below it implies: 0755, root's, 1970. */
export const IMPLIED_FOLDER: Inode = Object.freeze({
  type: 'directory', mode: 0o755, uid: 0, gid: 0, uname: '', gname: '', mtime: NO_TIME, size: 0, target: '', devMajor: 0, devMinor: 0,
  xattrs: NO_XATTRS, pax: NO_RECORDS, sparse: undefined, layer: NO_LAYER, bodyOffset: 0, linked: false, sha256: undefined,
});

/** Bytes of the file as a reader sees it: holes included. */
export function fileSize({ size, sparse }: Inode): number {
  return sparse?.realSize ?? size;
}
