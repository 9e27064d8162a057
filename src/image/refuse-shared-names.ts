import { ImgkitError } from '../errors.js';
import type { TransferRoot } from './image-sink.js';
import { sharedNames } from './shared-names.js';

/** What a list of images tells apart beside names: an index says the platform of each, a manifest.json does not. */
export type ToldApart = 'by name' | 'by name and platform';

/** Throws `usage` when two of `roots` would have one name, full or bare, where they are written: no reader could tell which is meant. */
export function refuseSharedNames(roots: readonly TransferRoot[], toldApart: ToldApart): void {
  const [first] = sharedNames(toldApart === 'by name' ? roots.map(withoutPlatform) : roots);
  if (first === undefined) return;
  const { name, digests: [one, other] } = first;
  throw new ImgkitError('usage', `Two images would both get the name ${name} (${one} and ${other}); give them different names, or write one of them.`, { entry: name, expected: one, found: other });
}

/** A bare ref name is in the index alone, which knows the platform. */
function withoutPlatform(root: TransferRoot): TransferRoot {
  if (root.names.length === 0) return root;
  const { platform: _, ...descriptor } = root.descriptor;
  return { ...root, descriptor };
}
