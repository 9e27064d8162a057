import type { Descriptor } from '../content/descriptor.js';
import type { Root } from './image-source.js';
import { entryNames, MANIFEST_ORIGIN, refNameOf } from './index-names.js';
import { withoutNicknames } from './nicknames.js';

interface Growing extends Root {
  readonly names: string[];
}

/** The roots of an index, one for each digest, with all its names in the order of the index; of bare ref names it has one at most. */
export function rootsOf(descriptors: readonly Descriptor[]): readonly Root[] {
  return withoutNicknames(layoutRootsOf(descriptors), calledRoot);
}

/**
 * The same, but with a root for each bare ref name (`1.9`, `latest`): umoci, skopeo and oras tell images of a layout apart by nothing else, and
 * one may have several.
 */
export function layoutRootsOf(descriptors: readonly Descriptor[]): readonly Root[] {
  const roots = new Map<string, Growing>();
  for (const descriptor of descriptors) {
    const { digest } = descriptor;
    const [names, refName] = [entryNames(descriptor), refNameOf(descriptor)];
    const key = names.length === 0 && refName !== undefined ? `${digest} ${refName}` : digest;
    const known = roots.get(key);
    if (known === undefined) {
      const manifestOrigin = descriptor.annotations?.get(MANIFEST_ORIGIN) === 'synthesized' ? 'synthesized' : 'stored';
      roots.set(key, { descriptor, names: [...names], refName, manifestOrigin });
    } else {
      known.names.push(...names.filter((name) => !known.names.includes(name)));
    }
  }
  const called = new Set([...roots.values()].filter((root) => isCalled(root)).map(({ descriptor: { digest } }) => digest));
  // An entry without any name is only there to keep its image.
  return [...roots.values()].filter((root) => isCalled(root) || !called.has(root.descriptor.digest));
}

/** For {@link withoutNicknames}. */
export function calledRoot({ descriptor: { digest }, names }: Root): { readonly digest: Root['descriptor']['digest']; readonly names: Root['names'] } {
  return { digest, names };
}

function isCalled({ names, refName }: Root): boolean {
  return names.length > 0 || refName !== undefined;
}
