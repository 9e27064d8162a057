import type { Descriptor } from '../content/descriptor.js';
import { isNonDistributable } from './media-type.js';

/** Of what is named and legally not here: true for a layer that its publisher does not let others distribute, false for a member of an index. */
export function isAbsentLayer({ mediaType }: Descriptor): boolean {
  return isNonDistributable(mediaType);
}

/** Why `descriptor`, which is named, may be absent: a clause for `verify`. */
export function whyAbsent(descriptor: Descriptor): string {
  if (isAbsentLayer(descriptor)) return 'a layer that is not here: legal, its publisher does not let others distribute it';
  const { platform } = descriptor;
  const what = platform === undefined ? '' : ` (${platform.os}/${platform.architecture})`;
  return `named by the index and not here${what}: legal, another platform or an attestation that was not saved`;
}
