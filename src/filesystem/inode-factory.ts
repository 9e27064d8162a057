import type { TarEntry, TarTime } from '../tar/tar-entry.js';
import type { Inode, InodeType } from './inode.js';

/** Makes inodes of tar entries; equal times and owner names, of which a layer has many, share one object. */
export class InodeFactory {
  readonly #texts = new Map<string, string>();
  #time: TarTime = { seconds: 0, nanoseconds: 0 };

  /** The inode that `entry`, which is no hard link, makes; its body is in layer number `layer`. */
  make(entry: TarEntry, layer: number): Inode {
    const { type, mode, uid, gid, size, linkPath, devMajor, devMinor, xattrs, pax, sparse, headerOffset, bodyOffset } = entry;
    return {
      type: type as InodeType, mode, uid, gid, uname: this.#text(entry.uname), gname: this.#text(entry.gname), mtime: this.#timeOf(entry.mtime), size,
      target: type === 'symlink' ? linkPath : '', devMajor, devMinor, xattrs, pax, sparse: sparse && { ...sparse, headerOffset }, layer, bodyOffset, linked: false, sha256: undefined,
    };
  }

  #text(text: string): string {
    if (text === '') return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    // Owner names are few; a layer where they are not is made to fill the memory.
    if (this.#texts.size < 1000) this.#texts.set(text, text);
    return text;
  }

  #timeOf(time: TarTime): TarTime {
    if (time.seconds !== this.#time.seconds || time.nanoseconds !== this.#time.nanoseconds) this.#time = time;
    return this.#time;
  }
}
