import { closeSync, constants, openSync } from 'node:fs';
import { encodeText, isWellFormed } from '../../tar/text.js';

/** Handles kept open at once: enough for the folders that files of one layer jump between. */
const MOST = 128;
const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Folders below one that is open, each opened from its parent's handle, name by name, and never through a link: what another
 * process puts in a folder's place meanwhile is refused by the kernel (ENOTDIR, ELOOP). Needs /proc.
 */
export class OpenFolders {
  readonly #root: number;
  /** By path from the root; the one used last is last. */
  readonly #open = new Map<string, number>();
  /** The one used last, again: what a layer has in one folder mostly stands together. */
  #last: { readonly folder: string; readonly handle: number } | undefined;

  /** `root` stays the caller's. */
  constructor(root: number) {
    this.#root = root;
  }

  /** A path for one system call on `name` in `folder`; good until several other folders were asked for. */
  at(folder: string, name: string): string | Buffer {
    return pathAt(this.handle(folder), name);
  }

  /** The handle of `folder`; it stays this object's. */
  handle(folder: string): number {
    if (this.#last?.folder === folder) return this.#last.handle;
    const handle = folder === '' ? this.#root : this.#find(folder);
    this.#last = { folder, handle };
    return handle;
  }

  #find(folder: string): number {
    const known = this.#open.get(folder);
    if (known !== undefined) {
      this.#open.delete(folder);
      this.#open.set(folder, known);
      return known;
    }
    const names = folder.split('/');
    let depth = names.length - 1;
    while (depth > 0 && !this.#open.has(names.slice(0, depth).join('/'))) depth--;
    let handle = depth === 0 ? this.#root : (this.#open.get(names.slice(0, depth).join('/')) as number);
    for (let passing: number | undefined; depth < names.length; depth++) {
      const next = openSync(pathAt(handle, names[depth] as string), FLAGS);
      if (passing !== undefined) closeSync(passing);
      // The folder and its parent are kept, so that one call never closes what the call before it opened.
      passing = depth < names.length - 2 ? next : undefined;
      if (passing === undefined) this.#keep(names.slice(0, depth + 1).join('/'), next);
      handle = next;
    }
    return handle;
  }

  close(): void {
    for (const handle of this.#open.values()) closeSync(handle);
    this.#open.clear();
    this.#last = undefined;
  }

  #keep(path: string, handle: number): void {
    this.#open.set(path, handle);
    if (this.#open.size <= MOST) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    closeSync(oldest[1]);
  }
}

/** Names that are UTF-8 stay text, which is cheaper to pass on than bytes. */
function pathAt(handle: number, name: string): string | Buffer {
  const path = `/proc/self/fd/${handle}/${name}`;
  return isWellFormed(name) ? path : encodeText(path);
}
