import type { Platform } from '../content/descriptor.js';
import type { Root } from '../image/image-source.js';
import { selectPlatform } from '../image/platform.js';

/**
 * `roots` with one of each name: of images that share theirs and all say their platform, as a layout may hold them, the one that fits
 * `wanted`. Where none fits, or one does not say, all of that name stay, for others to refuse.
 */
export function ofPlatform(roots: readonly Root[], wanted: Platform): readonly Root[] {
  const groups = new Map<string, Root[]>();
  for (const root of roots) {
    const name = root.names.join(' ') || (root.refName ?? '');
    groups.set(name, [...(groups.get(name) ?? []), root]);
  }
  const others = new Set<Root>();
  for (const [name, group] of groups) {
    const descriptors = group.map(({ descriptor }) => descriptor);
    if (name === '' || group.length === 1 || descriptors.some(({ platform }) => platform === undefined)) continue;
    const digest = selectPlatform(descriptors, wanted)?.digest;
    if (digest !== undefined) for (const root of group) if (root.descriptor.digest !== digest) others.add(root);
  }
  return roots.filter((root) => !others.has(root));
}
