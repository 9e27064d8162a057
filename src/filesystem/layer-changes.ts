import { malformed } from '../tar/fault.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { Additions, pathOf, type Addition } from './additions.js';
import type { Inode } from './inode.js';
import { InodeFactory } from './inode-factory.js';
import { claimOf, type LinkClaim } from './link-claim.js';
import { outOfRange } from './out-of-range.js';
import { isKeptForLinks, meaningOf } from './whiteout.js';

/** A name, or everything in a folder, that a layer hides of those below. */
export interface Removal {
  readonly kind: 'whiteout' | 'opaque';
  readonly path: string;
  /** How many additions stand before it in the layer. */
  readonly after: number;
}

/** What one layer does to the tree below, in the order of its entries. Bodies are not kept. */
export class LayerChanges {
  /** Base 0. */
  readonly layer: number;
  /** For errors: the location and the layer's digest. */
  readonly name: string;
  readonly additions = new Additions();
  readonly removals: Removal[] = [];
  readonly #factory: InodeFactory;
  /** Files that only hard links of the layer give a name, by what those call them; undefined while there are none. */
  #kept: Map<string, Inode> | undefined;
  /** Of the last hard link. */
  #claim: LinkClaim | undefined;

  constructor(layer: number, name: string, factory: InodeFactory = new InodeFactory()) {
    this.layer = layer;
    this.name = name;
    this.#factory = factory;
  }

  /** Takes the next entry; returns the inode it makes, undefined for hard links and whiteouts. One that AUFS kept for hard links is no addition. Throws `tar-malformed` for an owner or device that there cannot be. */
  add(entry: TarEntry): Inode | undefined {
    const wrong = outOfRange(entry);
    if (wrong !== undefined) throw malformed({ file: this.name, offset: entry.headerOffset, entry: entry.path }, `it ${wrong}`);
    const meaning = meaningOf(entry.path);
    if (meaning.kind === 'ignored') return this.#keep(entry);
    if (meaning.kind !== 'addition') {
      this.removals.push({ ...meaning, after: this.additions.length });
      return undefined;
    }
    if (entry.type === 'hardlink') {
      this.#claim = claimOf(entry, this.#claim);
      this.additions.push(entry.path, { linkPath: entry.linkPath, claim: this.#claim }, entry.headerOffset);
      return undefined;
    }
    const inode = this.#factory.make(entry, this.layer);
    this.additions.push(entry.path, inode, entry.headerOffset);
    return inode;
  }

  /** The file that AUFS kept for the hard links that call it `path`. */
  kept(path: string): Inode | undefined {
    return this.#kept?.get(path);
  }

  #keep(entry: TarEntry): Inode | undefined {
    if (entry.type !== 'file' || !isKeptForLinks(entry.path)) return undefined;
    const inode = this.#factory.make(entry, this.layer);
    (this.#kept ??= new Map()).set(entry.path, inode);
    return inode;
  }
}

/**
 * Whether `changes` may tell what is at `path`, or that nothing is; of a path with a `/` at its end, all that is in the folder. Links
 * are not followed: it is a guess, for who can ask the tree afterwards.
 */
export function mayTell({ additions, removals }: LayerChanges, path: string): boolean {
  const below = (other: string): boolean => other === '' || (path.startsWith(other) && path[other.length] === '/');
  const gives = (addition: Addition): boolean => {
    if (!path.startsWith(addition.folder)) return false;
    const other = pathOf(addition);
    return other === path || (addition.inode?.type !== 'directory' && below(other));
  };
  for (const addition of additions) if (gives(addition)) return true;
  return removals.some((removal) => removal.path === path || below(removal.path));
}
