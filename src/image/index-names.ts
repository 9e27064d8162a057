import type { Descriptor } from '../content/descriptor.js';
import { fullReference, isImageId } from './reference.js';

export const REF_NAME = 'org.opencontainers.image.ref.name';
export const CONTAINERD_NAME = 'io.containerd.image.name';
/** Set to `synthesized` in an index of ours for an image whose manifest is not its publisher's. */
export const MANIFEST_ORIGIN = 'dev.imgkit.manifest-origin';

/** The raw OCI ref name of an index entry; none where that is empty or an image ID, under which container runtimes list images as well. */
export function refNameOf({ annotations }: Descriptor): string | undefined {
  const refName = annotations?.get(REF_NAME) ?? '';
  return refName === '' || isImageId(refName) ? undefined : refName;
}

/** The full reference an index entry gives its descriptor: the first of {@link entryNames}. */
export function entryName(descriptor: Descriptor): string | undefined {
  return entryNames(descriptor)[0];
}

/**
 * Every full reference that readers take an index entry for: containerd's annotation, else the OCI ref name when it is more than a tag. Where
 * both are repositories and differ, containerd goes by the one and podman by the other: it has both names.
 */
export function entryNames(descriptor: Descriptor): readonly string[] {
  const [containerd, refName] = [CONTAINERD_NAME, REF_NAME].map((key) => descriptor.annotations?.get(key));
  const name = containerd === undefined ? undefined : normalised(containerd);
  // Beside a name, what has no slash is a part of it.
  const names = refName !== undefined && (name === undefined || refName.includes('/')) ? [name, nameInRef(refName)] : [name];
  return [...new Set(names.filter((each) => each !== undefined))];
}

/** The full reference in an OCI ref name; undefined for a bare word (`latest`, `1.9`): that is a tag or a nickname, never a repository. */
export function nameInRef(refName: string): string | undefined {
  return /[/:]/.test(refName) ? normalised(refName) : undefined;
}

/** `app` as `docker.io/library/app:latest`; undefined when it is no reference. */
export function normalised(name: string): string | undefined {
  try {
    return fullReference(name);
  } catch {
    return undefined;
  }
}
