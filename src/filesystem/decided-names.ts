import { pathOf, type Additions } from './additions.js';
import type { LayerChanges } from './layer-changes.js';
import { join, split } from './path-parts.js';

/**
 * What layers, taken from the top down, decide of those below: which of their files nobody will see. Names are compared as they
 * are written, links above them are not followed: it is a guess, for who can ask the tree afterwards.
 */
export class DecidedNames {
  /** Names that were given or deleted, by folder. */
  readonly #names = new Map<string, Set<string>>();
  /** Of those the folders, which hide nothing in a folder below. */
  readonly #folders = new Set<string>();
  /** Paths below which nothing of the layers below is left. */
  readonly #closed = new Set<string>();
  /** The folder that was asked about last, and the answer. */
  #last: { readonly folder: string; readonly closed: boolean } | undefined;

  /** Takes the next layer, the one below those that were taken. */
  take({ additions, removals }: LayerChanges): void {
    this.#last = undefined;
    for (const { kind, path } of removals) {
      this.#closed.add(path);
      if (kind === 'whiteout') this.#decide(...split(path));
    }
    this.#takeAdditions(additions);
  }

  /** Whether the layers that were taken hide the file `name` in `folder` of a layer below. */
  hides(folder: string, name: string): boolean {
    return this.#names.get(folder)?.has(name) === true || this.#isClosed(folder);
  }

  #takeAdditions(additions: Additions): void {
    for (const addition of additions) {
      if (addition.name === '') continue;
      const known = this.#decide(addition.folder, addition.name);
      if (addition.inode?.type === 'directory') this.#folders.add(pathOf(addition));
      else if (known && this.#folders.has(pathOf(addition))) this.#closed.add(pathOf(addition));
    }
  }

  /** True when it was decided before. */
  #decide(folder: string, name: string): boolean {
    const names = this.#names.get(folder);
    if (names === undefined) this.#names.set(folder, new Set([name]));
    else if (names.has(name)) return true;
    else names.add(name);
    return false;
  }

  #isClosed(folder: string): boolean {
    if (this.#last?.folder !== folder) this.#last = { folder, closed: this.#findClosed(folder) };
    return this.#last.closed;
  }

  #findClosed(folder: string): boolean {
    if (this.#closed.has('')) return true;
    let parent = '';
    for (const name of folder === '' ? [] : folder.split('/')) {
      const path = join(parent, name);
      if (this.#closed.has(path) || (this.#names.get(parent)?.has(name) === true && !this.#folders.has(path))) return true;
      parent = path;
    }
    return false;
  }
}
