import type { Digest } from '../content/digest.js';

/** An image as far as its names go. */
interface Called {
  readonly digest: Digest;
  /** Full references; bare ref names (`latest`) are none. */
  readonly names: readonly string[];
}

/**
 * `items` for where bare ref names have no place: an image that a layout lists under several of them comes once, and not at all under
 * those where it has a full name too. `called` tells what an item is called.
 */
export function withoutNicknames<T>(items: readonly T[], called: (item: T) => Called): readonly T[] {
  const named = new Set(items.map(called).filter(({ names }) => names.length > 0).map(({ digest }) => digest));
  return items.filter((item) => {
    const { digest, names } = called(item);
    if (names.length > 0) return true;
    if (named.has(digest)) return false;
    named.add(digest);
    return true;
  });
}
