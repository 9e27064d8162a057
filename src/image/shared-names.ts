import type { Digest } from '../content/digest.js';
import type { Root } from './image-source.js';
import { formatPlatform } from './platform.js';

/** A name that a source gives to several images. */
export interface SharedName {
  readonly name: string;
  readonly digests: readonly Digest[];
}

/**
 * The names, full or bare, that several of `roots` have: of those, one reader takes the first and another the last. Images of different
 * platforms may share a name in a layout: readers choose among them.
 */
export function sharedNames(roots: readonly Root[]): readonly SharedName[] {
  const holders = new Map<string, Map<Digest, string | undefined>>();
  for (const { names, refName, descriptor: { digest, platform } } of roots) {
    for (const name of names.length === 0 && refName !== undefined ? [refName] : names) {
      const known = holders.get(name) ?? new Map<Digest, string | undefined>();
      holders.set(name, known.set(digest, platform && formatPlatform(platform)));
    }
  }
  return [...holders].filter(([, found]) => isAmbiguous([...found.values()])).map(([name, found]) => ({ name, digests: [...found.keys()] }));
}

/** True for several, unless each says its platform and all are different. */
function isAmbiguous(platforms: readonly (string | undefined)[]): boolean {
  return platforms.length > 1 && (platforms.includes(undefined) || new Set(platforms).size < platforms.length);
}
