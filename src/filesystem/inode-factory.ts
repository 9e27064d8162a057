import type { TarEntry } from '../tar/tar-entry.js';
import { AttributePool } from './attribute-pool.js';
import { Inode, type InodeType } from './inode.js';

/** Makes inodes of tar entries; equal attributes and times, of which a layer has many, share one object. */
export class InodeFactory {
  readonly #attributes = new AttributePool();

  /** The inode that `entry`, which is no hard link, makes; its body is in layer number `layer`. */
  make(entry: TarEntry, layer: number): Inode {
    const { sparse, headerOffset } = entry;
    const attributes = this.#attributes.share(entry as TarEntry & { readonly type: InodeType }, layer, sparse && { ...sparse, headerOffset });
    return new Inode(attributes, this.#attributes.shareTime(entry.mtime), entry.size, entry.type === 'symlink' ? entry.linkPath : '', entry.bodyOffset);
  }
}
