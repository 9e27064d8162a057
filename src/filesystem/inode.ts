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

/** What an inode has in common with many others: all that are alike share one object (see `AttributePool`). */
export interface InodeAttributes {
  readonly type: InodeType;
  /** Permission bits, 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  readonly pax: ReadonlyMap<string, string>;
  readonly sparse: StoredSparse | undefined;
  /** Number of the layer that holds the body, base 0; or {@link NO_LAYER}. */
  readonly layer: number;
}

/**
 * A file, folder, link or device without its name, as the tar entry that made it says. Hard links are several names with
 * one and the same inode object. Text holds invalid UTF-8 as in tar/text.ts. There may be a million: every field counts.
 */
export class Inode implements InodeAttributes {
  #attributes: InodeAttributes;
  /** Bodies start at blocks of 512 bytes, whose number the engine holds without an object until there are 2^31. */
  readonly #bodyBlock: number;
  mtime: TarTime;
  /** Bytes of the body as stored; of a sparse file the stored form. */
  readonly size: number;
  /** Of a symlink, as written; else empty. */
  readonly target: string;
  /** True once a hard link has given it another name. Names may be gone again. */
  linked = false;
  /** SHA-256 of a file's body as stored, one character a byte, once it was computed. */
  sha256: string | undefined = undefined;

  constructor(attributes: InodeAttributes, mtime: TarTime, size = 0, target = '', bodyOffset = 0) {
    this.#attributes = attributes;
    this.mtime = mtime;
    this.size = size;
    this.target = target;
    this.#bodyBlock = bodyOffset / 512;
  }

  get attributes(): InodeAttributes {
    return this.#attributes;
  }

  get type(): InodeType {
    return this.#attributes.type;
  }

  get mode(): number {
    return this.#attributes.mode;
  }

  get uid(): number {
    return this.#attributes.uid;
  }

  get gid(): number {
    return this.#attributes.gid;
  }

  get uname(): string {
    return this.#attributes.uname;
  }

  get gname(): string {
    return this.#attributes.gname;
  }

  get devMajor(): number {
    return this.#attributes.devMajor;
  }

  get devMinor(): number {
    return this.#attributes.devMinor;
  }

  get xattrs(): ReadonlyMap<string, Uint8Array> {
    return this.#attributes.xattrs;
  }

  /** Changes no other inode. */
  set xattrs(xattrs: ReadonlyMap<string, Uint8Array>) {
    if (xattrs !== this.xattrs && xattrs.size + this.xattrs.size > 0) this.#attributes = { ...this.#attributes, xattrs };
  }

  get pax(): ReadonlyMap<string, string> {
    return this.#attributes.pax;
  }

  get sparse(): StoredSparse | undefined {
    return this.#attributes.sparse;
  }

  get layer(): number {
    return this.#attributes.layer;
  }

  /** Where in the uncompressed layer the body starts. */
  get bodyOffset(): number {
    return this.#bodyBlock * 512;
  }

  /** The same with other attributes and time. */
  with(attributes: InodeAttributes, mtime: TarTime): Inode {
    const made = new Inode(attributes, mtime, this.size, this.target, this.bodyOffset);
    made.linked = this.linked;
    made.sha256 = this.sha256;
    return made;
  }
}

const NO_TIME: TarTime = Object.freeze({ seconds: 0, nanoseconds: 0 });
export const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
export const NO_RECORDS: ReadonlyMap<string, string> = new Map();

const IMPLIED: InodeAttributes = {
  type: 'directory', mode: 0o755, uid: 0, gid: 0, uname: '', gname: '', devMajor: 0, devMinor: 0, xattrs: NO_XATTRS, pax: NO_RECORDS, sparse: undefined, layer: NO_LAYER,
};

/** A folder that no layer holds and an entry below it implies: 0755, root's, 1970. */
export const IMPLIED_FOLDER: Inode = frozen(IMPLIED);

/** The root folder of a tree over layers that were not read, until a layer has an entry for it. */
export const UNREAD_ROOT: Inode = frozen(IMPLIED);

/** The file that a whiteout is in a layer that is made. */
export const WHITEOUT: Inode = frozen({ ...IMPLIED, type: 'file', mode: 0 });

function frozen(attributes: InodeAttributes): Inode {
  const inode = new Inode(Object.freeze(attributes), NO_TIME);
  Object.freeze(inode);
  return inode;
}

/** Bytes of the file as a reader sees it: holes included. */
export function fileSize({ size, sparse }: Inode): number {
  return sparse?.realSize ?? size;
}
