import type { TarTime } from '../tar/tar-entry.js';
import type { InodeAttributes, StoredSparse } from './inode.js';

/** Owners and modes that take turns; to look through more takes longer than it is worth. */
const MOST = 32;

/** Gives inodes that are alike one object for what they have in common, and neighbours of one time one for that. */
export class AttributePool {
  /** What was asked for often comes first. */
  readonly #known: InodeAttributes[] = [];
  #time: TarTime = { seconds: 0, nanoseconds: 0 };

  /** The attributes in `of`, those of layer number `layer`. */
  share(of: Omit<InodeAttributes, 'sparse' | 'layer'>, layer: number, sparse?: StoredSparse): InodeAttributes {
    // Records and holes are a file's own.
    if (of.xattrs.size > 0 || of.pax.size > 0 || sparse !== undefined) return attributes(of, layer, sparse);
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const each = known[i] as InodeAttributes;
      if (each.layer !== layer || !isAlike(each, of)) continue;
      if (i > 0) {
        known[i] = known[i - 1] as InodeAttributes;
        known[i - 1] = each;
      }
      return each;
    }
    const made = attributes(of, layer, sparse);
    if (known.length === MOST) known.pop();
    known.push(made);
    return made;
  }

  /** `time`, or the object that was given before it when that is the same time. */
  shareTime(time: TarTime): TarTime {
    if (time.seconds !== this.#time.seconds || time.nanoseconds !== this.#time.nanoseconds) this.#time = time;
    return this.#time;
  }
}

function isAlike(a: InodeAttributes, b: Omit<InodeAttributes, 'sparse' | 'layer'>): boolean {
  return a.mode === b.mode && a.type === b.type && a.uid === b.uid && a.gid === b.gid && a.uname === b.uname && a.gname === b.gname && a.devMajor === b.devMajor && a.devMinor === b.devMinor;
}

function attributes({ type, mode, uid, gid, uname, gname, devMajor, devMinor, xattrs, pax }: Omit<InodeAttributes, 'sparse' | 'layer'>, layer: number, sparse: StoredSparse | undefined): InodeAttributes {
  return { type, mode, uid, gid, uname, gname, devMajor, devMinor, xattrs, pax, sparse, layer };
}
