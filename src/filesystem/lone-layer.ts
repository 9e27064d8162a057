import type { TarEntry, TarEntryType } from '../tar/tar-entry.js';
import { malformed } from '../tar/fault.js';
import { printable } from '../tar/text.js';

/**
 * Judges a layer by itself, entry by entry, without the layers below: Docker unpacks each into a folder of its own and lays them over each
 * other afterwards, and so can do neither what an entry asks of a layer below nor what the layer itself makes impossible.
 */
export class LoneLayer {
  /** What it asks of other layers, one sentence for all of it. */
  note: string | undefined;
  readonly #file: string;
  /** What was given and is no folder. */
  readonly #names = new Map<string, TarEntryType>();
  /** The folder of the last entry, of which all is well. */
  #folder = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** Throws `tar-malformed` for an entry below what the layer made a file. */
  add(entry: TarEntry): void {
    const { path, type, linkPath } = entry;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== this.#folder) {
      const above = this.#above(path);
      if (above !== undefined && !this.#isLink(above)) throw malformed({ file: this.#file, offset: entry.headerOffset, entry: path }, `it lies below "${printable(above)}", which is no folder`);
      this.#folder = folder;
    }
    if (type === 'hardlink' && !this.#names.has(linkPath) && !this.#isLink(this.#above(linkPath))) {
      this.note ??= `the hard link "${printable(path)}" leads to "${printable(linkPath)}", which the layer does not hold, at least not before it: Docker refuses to load such an image; make the tar with both names, or append a folder`;
    }
    if (type === 'directory') this.#names.delete(path);
    else {
      // A hard link may be to a symlink, or to what is not known here, which may be one.
      this.#names.set(path, type === 'hardlink' ? (this.#names.get(linkPath) ?? 'symlink') : type);
      if (path === this.#folder || this.#folder.startsWith(`${path}/`)) this.#folder = '';
    }
  }

  #isLink(path: string | undefined): boolean {
    return path !== undefined && this.#names.get(path) === 'symlink';
  }

  /** The first name on the way to `path` that the layer gave to what is no folder. */
  #above(path: string): string | undefined {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) if (this.#names.has(path.slice(0, at))) return path.slice(0, at);
    return undefined;
  }
}
