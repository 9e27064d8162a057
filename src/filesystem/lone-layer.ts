import type { LayerNames } from '../content/layer-names.js';
import type { TarEntry, TarEntryType } from '../tar/tar-entry.js';
import { printable } from '../tar/text.js';
import { LoneLinks, type Found } from './lone-links.js';
import { FOLDER, GONE, IMPLIED, LINK, OTHER } from './name-kind.js';
import { NameTable } from './name-table.js';
import { outOfRange } from './out-of-range.js';
import { comparePaths } from './path-order.js';
import { meaningOf } from './whiteout.js';

/** Folders, of each kind, that are told for what layers below may have there. */
const MOST_TOLD = 1000;

/** What a note is about. */
type Kind = 'link' | 'twice' | 'deleted' | 'gone' | 'nowhere' | 'emptied' | 'range';

/** An entry below what the layer itself made a file. */
export interface Misplaced {
  readonly entry: string;
  readonly offset: number;
  /** A clause. */
  readonly problem: string;
}

/**
 * Judges a layer by itself, entry by entry, without the layers below: Docker unpacks each into a folder of its own and lays them over each
 * other afterwards, and so can do neither what an entry asks of a layer below nor what the layer itself makes impossible.
 */
export class LoneLayer {
  /** The first entry that cannot be where it is. */
  misplaced: Misplaced | undefined;
  readonly #names = new NameTable();
  readonly #links = new LoneLinks();
  /** The first of each kind, which stands for all of it. */
  readonly #notes = new Map<Kind, string>();
  readonly #implied: string[] = [];
  readonly #again: string[] = [];
  /** The folder of the last entry, of which all is well. */
  #folder = '';
  /** The last entry, and whether all came in the order of a walk until now, as most tools write them, and none was a whiteout. */
  #last: string | undefined;
  #lastIsFolder = true;
  #sorted = true;

  /** Of what Docker refuses to load, but for {@link misplaced}, or takes for something else: one sentence for each kind. */
  get notes(): readonly string[] {
    return [...this.#notes.values()];
  }

  /** What `disputedNames` needs of the layer, when all its entries were taken: a copy. */
  packNames(): LayerNames {
    return { ...this.#names.pack(), implied: this.#implied, again: this.#again };
  }

  /** The next entry of the layer, in their order. Throws nothing: what is wrong stands in {@link misplaced} and {@link notes}. */
  add(entry: TarEntry): void {
    const { path, type, linkPath } = entry;
    const nameAt = path.lastIndexOf('/') + 1;
    const meaning = path.startsWith('.', nameAt) ? meaningOf(path) : undefined;
    // What it hides gets a number, though no entry has the name.
    if (meaning?.kind === 'whiteout') this.#sorted = false;
    const isNew = this.#keepsOrder(path, nameAt, type);
    if (!isNew && meaning?.kind === 'opaque') this.#checkMarked(entry, meaning.path);
    else if (!isNew) this.#checkAbove(entry, path, nameAt - 1);
    const wrong = outOfRange(entry);
    if (wrong !== undefined) this.#note('range', () => `"${printable(path)}" ${wrong}; make the tar with one that there is`);
    if (meaning?.kind === 'whiteout') {
      const hidden = this.#names.get(meaning.path);
      if (hidden === 0) this.#names.set(meaning.path, GONE);
      else if (hidden !== GONE) this.#note('deleted', () => `"${printable(path)}" deletes what the layer gave before: Docker refuses to load such an image; put the whiteout before it`);
    }
    if (type === 'hardlink' && this.#leadsOut(linkPath)) {
      this.#note('link', () => `the hard link "${printable(path)}" leads to "${printable(linkPath)}", which the layer does not hold, at least not before it: Docker refuses to load such an image; make the tar with both names, or append a folder`);
    }
    if (type === 'symlink') this.#links.add(path, linkPath);
    const kind = this.#kindOf(type, linkPath);
    if (isNew) return this.#names.add(path, kind);
    const before = this.#names.set(path, kind);
    if (before !== 0 && before !== IMPLIED && before !== GONE) this.#note('twice', () => `"${printable(path)}" stands in the layer twice: Docker and podman refuse to load such an image; make the tar anew, or append a folder`);
    if (before === LINK && type !== 'symlink') this.#links.remove(path);
    if (type === 'directory') {
      if (before === GONE) tell(this.#again, path);
      return;
    }
    if (before === IMPLIED) this.#note('emptied', () => `"${printable(path)}" is given to what is no folder after names in it: Docker refuses to load such an image where folders are among them, and drops them where none are; make the tar anew`);
    // The folder of which all was well may lie in what is no folder now.
    if (path.length <= this.#folder.length && this.#folder.startsWith(path)) this.#folder = '';
  }

  /** Takes the entry as the last one; its last name begins at `nameAt`. While all keep the order, no entry before had it, and none gave one above it to a file. */
  #keepsOrder(path: string, nameAt: number, type: TarEntryType): boolean {
    this.#sorted &&= (path === '' && this.#last === undefined) || this.#follows(path, nameAt, this.#last ?? '');
    this.#last = path;
    this.#lastIsFolder = type === 'directory';
    return this.#sorted;
  }

  #follows(path: string, nameAt: number, last: string): boolean {
    if (nameAt > 0 && nameAt === this.#folder.length + 1 && path.startsWith(this.#folder)) return path > last;
    // What lies below a file comes right behind it.
    if (comparePaths(last, path) >= 0 || (!this.#lastIsFolder && path.startsWith(`${last}/`))) return false;
    this.#folder = path.slice(0, Math.max(nameAt - 1, 0));
    // Those that the last name is or lies in are known; in this order no other name begins as they do.
    for (let folder = this.#folder; !last.startsWith(folder); folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
      this.#names.add(folder, IMPLIED);
      tell(this.#implied, folder);
    }
    return true;
  }

  #imply(folder: string): void {
    this.#names.set(folder, IMPLIED);
    tell(this.#implied, folder);
  }

  #kindOf(type: TarEntryType, linkPath: string): number {
    if (type === 'directory') return FOLDER;
    if (type === 'hardlink') return this.#names.get(linkPath) === OTHER ? OTHER : LINK;
    return type === 'symlink' ? LINK : OTHER;
  }

  /** Of the marker that makes `folder` opaque: nothing is made in that for it, and it may be anything. */
  #checkMarked(entry: TarEntry, folder: string): void {
    this.#checkAbove(entry, folder, folder.lastIndexOf('/'));
    if (folder !== '' && this.#names.get(folder) === 0) this.#imply(folder);
  }

  /** What lies above `path`, whose last name begins behind `slash`. */
  #checkAbove(entry: TarEntry, path: string, slash: number): void {
    if (slash <= 0) return;
    if (slash === this.#folder.length && path.startsWith(this.#folder)) return;
    this.#folder = path.slice(0, slash);
    const end = this.#endOfAbove(path, (folder) => this.#imply(folder));
    if (end === 0) return;
    const above = this.#names.get(path, end);
    if (above === LINK) {
      if (this.#links.leadNowhere(this.#folder, (name) => this.#look(name))) this.#note('nowhere', () => `"${printable(entry.path)}" lies below the link "${printable(path.slice(0, end))}", which leads to no folder of the layer: Docker on overlay2 refuses to load such an image; put the folder before it`);
      return;
    }
    if (above === GONE) this.#note('gone', () => `"${printable(entry.path)}" lies below "${printable(path.slice(0, end))}", which the layer deletes and does not give as a folder: Docker on overlay2 refuses to load such an image; put the folder behind its whiteout`);
    else this.misplaced ??= { entry: entry.path, offset: entry.headerOffset, problem: `it lies below "${printable(path.slice(0, end))}", which is no folder` };
  }

  #look(name: string): Found {
    switch (this.#names.get(name)) {
      case 0: return 'nothing';
      case FOLDER: case IMPLIED: return 'folder';
      case LINK: return 'link';
      default: return 'other';
    }
  }

  #leadsOut(linkPath: string): boolean {
    const kind = this.#names.get(linkPath);
    if (kind === LINK || kind === OTHER) return false;
    const end = this.#endOfAbove(linkPath);
    return end === 0 || this.#names.get(linkPath, end) !== LINK;
  }

  /** Where the first name on the way to `path` ends that the layer gave to what is no folder; 0 when there is none. Those before it that it did not give are told. */
  #endOfAbove(path: string, onUnknown?: (folder: string) => void): number {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const kind = this.#names.get(path, end);
      if (kind > IMPLIED) return end;
      if (kind === 0) onUnknown?.(path.slice(0, end));
    }
    return 0;
  }

  #note(kind: Kind, text: () => string): void {
    if (!this.#notes.has(kind)) this.#notes.set(kind, text());
  }
}

function tell(folders: string[], folder: string): void {
  if (folders.length < MOST_TOLD) folders.push(folder);
}
