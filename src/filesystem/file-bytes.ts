import { fileSize, type Inode } from './inode.js';

/** How many bytes files have together; those of a file with several names count once. */
export class FileBytes {
  total = 0;
  readonly #linked = new Set<Inode>();

  /** Takes whatever has a name. */
  add(inode: Inode): void {
    if (inode.type !== 'file' || this.#linked.has(inode)) return;
    if (inode.linked) this.#linked.add(inode);
    this.total += fileSize(inode);
  }
}
