/** `contiguous` files (type 7) are read as files; GNU sparse files are files with {@link TarEntry.sparse} set. */
export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo';

/** Rules for an outer archive (strict, names unique) or for a layer (what is found in the wild is accepted). */
export type TarMode = 'archive' | 'layer';

/** A point in time; `nanoseconds` is 0..999,999,999 and counts forward, before 1970 as well. */
export interface TarTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** How a sparse file is stored. Its body is the stored form (pax 1.0: with the map in front), not the file's bytes. */
export interface SparseForm {
  readonly form: 'gnu' | 'pax';
  /** Size of the file once expanded, bytes. */
  readonly realSize: number;
  /** What its headers say of where the stored bytes lie in the file, or a hash of that: equal for equal maps. Empty when the map is stored with them. */
  readonly map: string;
}

/** One tar entry with pax and GNU extensions applied. Text holds invalid UTF-8 as U+DC80..U+DCFF (see text.ts). */
export interface TarEntry {
  /** Normalised: no leading `./` or `/`, no trailing `/`, no empty, `.` or `..` parts. Empty for the root folder only. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Bytes of the body as stored, without padding. */
  readonly size: number;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly mtime: TarTime;
  /** Hard link: normalised path from the root of the tar. Symlink: the target as written. Else empty. */
  readonly linkPath: string;
  readonly devMajor: number;
  readonly devMinor: number;
  /** From `SCHILY.xattr.*`, in the order of the archive. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** The entry's own pax records that no other field holds. */
  readonly pax: ReadonlyMap<string, string>;
  readonly sparse: SparseForm | undefined;
  /** Byte offset of the entry's first header block, extension headers included. */
  readonly headerOffset: number;
  /** Byte offset of the body. */
  readonly bodyOffset: number;
}
