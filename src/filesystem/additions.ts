import type { Inode } from './inode.js';
import type { LinkClaim } from './link-claim.js';
import { ownText } from './own-text.js';
import { comparePlaces } from './path-order.js';
import { join } from './path-parts.js';

/** A hard link: its other name, and what its entry says of the file. */
export interface HardLink {
  readonly linkPath: string;
  readonly claim: LinkClaim;
}

/** A name that a layer gives. */
export interface Addition {
  /** The path of the folder that it is in, and the name in it; both empty for the root. */
  readonly folder: string;
  readonly name: string;
  /** What it stands for; undefined for a hard link. */
  readonly inode: Inode | undefined;
  /** The other name of a hard link; else empty. */
  readonly linkPath: string;
  /** Of a hard link. */
  readonly claim: LinkClaim | undefined;
  /** Of the entry in the uncompressed layer. */
  readonly headerOffset: number;
}

/** The names that a layer gives, in the order of its entries. There may be a million: held as columns, folders of neighbours as one text. */
export class Additions {
  readonly #folders: string[] = [];
  readonly #names: string[] = [];
  /** The inode; of a hard link its other name. */
  readonly #stands: (Inode | string)[] = [];
  /** Of hard links, by their index. */
  readonly #claims = new Map<number, LinkClaim>();
  /** Counted in blocks, which the engine holds without an object. */
  readonly #headers: number[] = [];
  #folder = '';
  #sorted = true;

  get length(): number {
    return this.#names.length;
  }

  /** Whether the names came in the order of a walk; the same one may have come again. */
  get sorted(): boolean {
    return this.#sorted;
  }

  push(path: string, stands: Inode | HardLink, headerOffset: number): void {
    const slash = path.lastIndexOf('/');
    if (slash === -1) this.#folder = '';
    else if (slash !== this.#folder.length || !path.startsWith(this.#folder)) this.#folder = ownText(path.slice(0, slash));
    const name = ownText(slash === -1 ? path : path.slice(slash + 1));
    if (this.#sorted && this.length > 0) this.#sorted = comparePlaces(this.#folders.at(-1) as string, this.#names.at(-1) as string, this.#folder, name) <= 0;
    this.#folders.push(this.#folder);
    this.#names.push(name);
    if ('claim' in stands) {
      this.#claims.set(this.#stands.length, stands.claim);
      this.#stands.push(stands.linkPath);
    } else this.#stands.push(stands);
    this.#headers.push(headerOffset / 512);
  }

  /** The folder of the addition at `index`; `nameAt` its name in it. */
  folderAt(index: number): string {
    return this.#folders[index] as string;
  }

  nameAt(index: number): string {
    return this.#names[index] as string;
  }

  /** What it stands for; of a hard link its other name. */
  standsAt(index: number): Inode | string {
    return this.#stands[index] as Inode | string;
  }

  /** Whether the last addition stands for `inode`. */
  endsWith(inode: Inode): boolean {
    return this.#stands.at(-1) === inode;
  }

  /** The addition at `index`, made anew. */
  at(index: number): Addition {
    const stands = this.#stands[index] as Inode | string;
    const link = typeof stands === 'string';
    return {
      folder: this.folderAt(index), name: this.nameAt(index),
      inode: link ? undefined : stands, linkPath: link ? stands : '', claim: link ? this.#claims.get(index) : undefined, headerOffset: (this.#headers[index] as number) * 512,
    };
  }

  *[Symbol.iterator](): Generator<Addition> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

/** The whole path of `addition`. */
export function pathOf({ folder, name }: Pick<Addition, 'folder' | 'name'>): string {
  return join(folder, name);
}
