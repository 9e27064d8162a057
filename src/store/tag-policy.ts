import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { IndexEntry } from './index-file.js';
import { entryLabel, type NamingRules } from './index-merge.js';

/** Throws `tag-would-move` when one of `wanted` (name to digest) names another image in `entries` already. */
export function requireTagsStay(entries: readonly IndexEntry[], wanted: ReadonlyMap<string, Digest>, rules: NamingRules): void {
  for (const entry of entries) {
    const name = entryLabel(entry, rules);
    const next = name === undefined ? undefined : wanted.get(name);
    const { digest } = entry.descriptor;
    if (name === undefined || next === undefined || next === digest) continue;
    throw new ImgkitError(
      'tag-would-move',
      `${name} already names ${digest}; it would move to ${next}. Give the new image another name, or force it (--force) if the old one may lose its name.`,
      { entry: name, expected: digest, found: next },
    );
  }
}
