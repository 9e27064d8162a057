/** As many as the system follows on one way. */
const MOST_LINKS = 40;
/** Names that links bring on all ways: a hostile layer could ask for any number. */
const MOST_NAMES = 100_000;
/** Characters of names and targets that are kept; links after these are as good as not known. */
const MOST_KEPT = 16 * 1024 * 1024;

/** What a layer has given a name to by now. */
export type Found = 'folder' | 'link' | 'nothing' | 'other';

/** The symlinks that a layer gave, and where they lead in it alone. */
export class LoneLinks {
  readonly #targets = new Map<string, string>();
  #left = MOST_NAMES;
  #room = MOST_KEPT;
  /** A name was given through a link: where it is, nobody wrote down. */
  #passed = false;

  /** The layer gives `path` to a symlink with this target. */
  add(path: string, target: string): void {
    this.#targets.delete(path);
    this.#room -= path.length + target.length;
    if (this.#room >= 0) this.#targets.set(path, target);
  }

  /** It gives `path` to something else. */
  remove(path: string): void {
    this.#targets.delete(path);
  }

  /**
   * Whether no name can be given in `folder`, which lies at or below a link: the link leads in a circle, or to what is no folder or not there.
   * What is not there below a folder that a link leads to is made. False where that is not known.
   */
  leadNowhere(folder: string, look: (path: string) => Found): boolean {
    const ahead = folder.split('/').toReversed();
    /** Those of `ahead` that no link brought. */
    let own = ahead.length;
    let at = '';
    const passed = this.#passed;
    this.#passed = true;
    for (let links = 0; ahead.length > 0 && this.#left > 0;) {
      const isOwn = ahead.length === own;
      const name = ahead.pop() as string;
      if (isOwn) own--;
      if (name === '..') at = at.slice(0, Math.max(at.lastIndexOf('/'), 0));
      if (name === '' || name === '.' || name === '..') continue;
      const next = at === '' ? name : `${at}/${name}`;
      const found = look(next);
      if (found === 'other') return true;
      if (found === 'nothing') return !isOwn && !passed;
      if (found === 'folder') at = next;
      else {
        const target = this.#targets.get(next);
        // A hard link to a link, or to what is not known.
        if (target === undefined) return false;
        if (++links > MOST_LINKS) return true;
        if (target.startsWith('/')) at = '';
        const names = target.split('/');
        this.#left -= names.length;
        for (const each of names.toReversed()) ahead.push(each);
      }
    }
    return false;
  }
}
