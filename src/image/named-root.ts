import type { Descriptor } from '../content/descriptor.js';
import type { TransferRoot } from './image-sink.js';
import { CONTAINERD_NAME, MANIFEST_ORIGIN, REF_NAME } from './index-names.js';

/** One entry of an index: the root's descriptor under one of its names. */
export interface NamedRoot {
  readonly refName: string | undefined;
  readonly descriptor: Descriptor;
}

/**
 * The entries that a root gets in an index, one for each name. The annotations that named it where it came from give way to
 * its names here: podman and containerd take the name from them. `refNameFor` spells the OCI ref name (default: the full name).
 * A root without names keeps its bare ref name (`latest`), if it has one.
 */
export function nameRoot(root: TransferRoot, refNameFor: (root: TransferRoot, name: string) => string = (_root, name) => name): readonly NamedRoot[] {
  if (root.names.length === 0) return [named(root, root.refName, undefined)];
  return root.names.map((name) => named(root, refNameFor(root, name), name));
}

function named({ descriptor, manifestOrigin }: TransferRoot, refName: string | undefined, name: string | undefined): NamedRoot {
  const annotations = new Map(descriptor.annotations);
  for (const key of [REF_NAME, CONTAINERD_NAME, MANIFEST_ORIGIN]) annotations.delete(key);
  if (refName !== undefined) annotations.set(REF_NAME, refName);
  if (name !== undefined) annotations.set(CONTAINERD_NAME, name);
  if (manifestOrigin === 'synthesized') annotations.set(MANIFEST_ORIGIN, manifestOrigin);
  const { annotations: _, ...rest } = descriptor;
  return { refName, descriptor: annotations.size === 0 ? rest : { ...rest, annotations } };
}
