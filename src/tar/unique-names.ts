import { malformed } from './fault.js';
import type { TarEntry } from './tar-entry.js';

/**
 * The names of an outer archive. Readers take the first or the last of two entries with one name, and extract
 * through links: so a name may be given twice to folders only, and nothing may lie below what is no folder.
 */
export class UniqueNames {
  readonly #file: string;
  readonly #entries = new Map<string, TarEntry>();

  constructor(file: string) {
    this.#file = file;
  }

  get entries(): ReadonlyMap<string, TarEntry> {
    return this.#entries;
  }

  /** Takes the next entry. Throws `tar-malformed` when its name was taken, unless both are folders. */
  add(entry: TarEntry): void {
    const first = this.#entries.get(entry.path);
    if (first === undefined) this.#entries.set(entry.path, entry);
    else if (first.type !== 'directory' || entry.type !== 'directory') {
      throw malformed({ file: this.#file, offset: entry.headerOffset, entry: entry.path }, `the name was already given at offset ${first.headerOffset}`);
    }
  }

  /** Throws `tar-malformed` when an entry lies below one that is no folder. */
  finish(): void {
    // NUL is in no name and sorts before everything: what lies below a name comes right after it.
    const sorted = [...this.#entries.keys()].map((path) => path.replaceAll('/', '\0')).sort();
    let blocker = '';
    for (const key of sorted) {
      const entry = this.#entries.get(key.replaceAll('\0', '/')) as TarEntry;
      if (blocker !== '' && key.startsWith(blocker)) {
        throw malformed({ file: this.#file, offset: entry.headerOffset, entry: entry.path }, 'the name lies below an entry that is no folder');
      }
      if (entry.type !== 'directory') blocker = `${key}\0`;
    }
  }
}
