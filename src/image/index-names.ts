import type { Descriptor } from '../content/descriptor.js';
import { fullReference } from './reference.js';

export const REF_NAME = 'org.opencontainers.image.ref.name';
export const CONTAINERD_NAME = 'io.containerd.image.name';
/** Set to `synthesized` in an index of ours for an image whose manifest is not its publisher's. */
export const MANIFEST_ORIGIN = 'dev.imgkit.manifest-origin';

/** The full reference an index entry gives its descriptor: containerd's annotation first, else the OCI ref name when it is more than a tag. */
export function entryName(descriptor: Descriptor): string | undefined {
  const containerd = descriptor.annotations?.get(CONTAINERD_NAME);
  if (containerd !== undefined) return normalised(containerd);
  const refName = descriptor.annotations?.get(REF_NAME);
  // A bare word there (`latest`, `1.9`) is a tag or a nickname, never a repository.
  return refName !== undefined && /[/:]/.test(refName) ? normalised(refName) : undefined;
}

/** `app` as `docker.io/library/app:latest`; undefined when it is no reference. */
export function normalised(name: string): string | undefined {
  try {
    return fullReference(name);
  } catch {
    return undefined;
  }
}
