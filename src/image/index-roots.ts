import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import type { Root } from './image-source.js';
import { entryName, MANIFEST_ORIGIN, REF_NAME } from './index-names.js';

/** The roots of an index, one for each digest, with all its names in the order of the index. */
export function rootsOf(descriptors: readonly Descriptor[]): readonly Root[] {
  const roots = new Map<Digest, { readonly descriptor: Descriptor; readonly names: string[]; readonly refName: string | undefined; readonly manifestOrigin: Root['manifestOrigin'] }>();
  for (const descriptor of descriptors) {
    const name = entryName(descriptor);
    const known = roots.get(descriptor.digest);
    if (known === undefined) {
      const manifestOrigin = descriptor.annotations?.get(MANIFEST_ORIGIN) === 'synthesized' ? 'synthesized' : 'stored';
      roots.set(descriptor.digest, { descriptor, names: name === undefined ? [] : [name], refName: descriptor.annotations?.get(REF_NAME), manifestOrigin });
    } else if (name !== undefined && !known.names.includes(name)) {
      known.names.push(name);
    }
  }
  return [...roots.values()];
}
