import { BLOCK } from '../tar/block.js';
import type { Inode } from './inode.js';

/** A file whose body one layer holds, and where that goes in a tar. */
export interface TarBody {
  /** The path of the folder that it is in, and the name in it. */
  readonly folder: string;
  readonly name: string;
  readonly inode: Inode;
  /** Of the body in the tar. */
  readonly bodyOffset: number;
}

/** The files of a tar whose bodies one layer holds. There may be a million: held as columns, without an object for each. */
export class TarBodies {
  readonly #folders: string[] = [];
  readonly #names: string[] = [];
  readonly #inodes: Inode[] = [];
  /** Counted in blocks, which the engine holds without an object. */
  readonly #places: number[] = [];

  push({ folder, name, inode, bodyOffset }: TarBody): void {
    this.#folders.push(folder);
    this.#names.push(name);
    this.#inodes.push(inode);
    this.#places.push(bodyOffset / BLOCK);
  }

  /** In the order in which the layer holds them, whatever order they came in; each is made anew. */
  *[Symbol.iterator](): Generator<TarBody> {
    const offset = (index: number): number => (this.#inodes[index] as Inode).bodyOffset;
    const order = this.#inodes.map((_, index) => index).sort((a, b) => offset(a) - offset(b));
    for (const index of order) {
      yield {
        folder: this.#folders[index] as string, name: this.#names[index] as string,
        inode: this.#inodes[index] as Inode, bodyOffset: (this.#places[index] as number) * BLOCK,
      };
    }
  }
}
