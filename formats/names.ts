import type { Descriptor } from '../src/content/descriptor.js';
import { ImgkitError } from '../src/errors.js';
import { formatReference, parseReference, withDefaultTag } from '../src/image/reference.js';

export const REF_NAME = 'org.opencontainers.image.ref.name';
export const CONTAINERD_NAME = 'io.containerd.image.name';

/** `app:1` as `docker.io/library/app:1`. Throws `document-malformed`, naming `where`, when it is no reference. */
export function fullName(text: string, where: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(text)));
  } catch (cause) {
    throw new ImgkitError('document-malformed', `${where}: ${JSON.stringify(text)} is not a valid image name.`, { entry: where, found: text }, { cause });
  }
}

/**
 * The names that an index gives a descriptor: containerd's annotation first, else the OCI ref name when it is more than a tag.
 * A bare word there (`latest`, `1.9`) names a tag or a nickname, never a repository, so it gives no name.
 */
export function namesOf(descriptor: Descriptor, where: string): { readonly names: readonly string[]; readonly refName: string | undefined } {
  const refName = descriptor.annotations?.get(REF_NAME);
  const containerd = descriptor.annotations?.get(CONTAINERD_NAME);
  if (containerd !== undefined) return { names: [fullName(containerd, where)], refName };
  if (refName !== undefined && /[/:]/.test(refName)) {
    try {
      return { names: [formatReference(withDefaultTag(parseReference(refName)))], refName };
    } catch {
      return { names: [], refName };
    }
  }
  return { names: [], refName };
}
