import type { Descriptor } from '../content/descriptor.js';
import { ImgkitError } from '../errors.js';
import type { Closure, ClosureImage } from '../image/closure.js';
import type { Finding } from '../image/finding.js';
import type { ImageSink } from '../image/image-sink.js';
import { parseReference } from '../image/reference.js';
import type { Selection } from './selection.js';

/** What a selection is called in messages. */
export function labelOf({ names: [name], refName, root }: Selection): string {
  return name ?? refName ?? root.descriptor.digest;
}

/**
 * The names that an image can keep where its manifest is `descriptor`: none with the digest of another manifest, and no digest at all where
 * `lists` says that only tags count. What is left out is told in `notes`, and so is a bare ref name that the target has no place for.
 */
export function namesAtTarget(selection: Selection, descriptor: Descriptor, lists: ImageSink['lists'], notes: Finding[]): readonly string[] {
  const leave = (subject: string, message: string): void => {
    notes.push({ check: 'names', status: 'note', subject, message });
  };
  const { names, refName, meant } = selection;
  if (meant && lists !== 'any' && names.length === 0 && refName !== undefined) leave(refName, 'is no full name such as app:1, so the image has none at the target; copy it to a name there');
  return names.filter((name) => {
    const { digest } = parseReference(name);
    if (digest === undefined) return true;
    if (digest !== descriptor.digest) leave(name, `the image has the digest ${descriptor.digest} at the target, so this name is left out`);
    else if (lists === 'tags') leave(name, 'docker archives and engines take names with a tag only, so this one is left out');
    else return true;
    return false;
  });
}

/** Throws `blob-missing` when a layer of `image` is, legally, not here: what Docker loads has all of them. */
export function requireAllLayers(selection: Selection, { blobs }: Closure, { manifest }: ClosureImage): void {
  const absent = manifest.layers.find(({ digest }) => !blobs.has(digest));
  if (absent === undefined) return;
  const { source: { location: file } } = selection;
  throw new ImgkitError('blob-missing', `${file}: ${labelOf(selection)}: layer ${absent.digest} is not there, for its publisher does not let others distribute it, and docker archives and engines need every layer. Write an OCI archive or layout (--format oci, oci:DIR).`, { file, entry: absent.digest });
}

/** Throws `image-not-found` when nothing of what was asked for can be at a target that lists runnable images only. */
export function requireSomeImage(selections: readonly Selection[], planned: readonly unknown[]): void {
  const [first] = selections;
  if (first === undefined || planned.length > 0) return;
  const { source: { location: file } } = first;
  throw new ImgkitError('image-not-found', `${file}: there is no runnable image to move, and docker archives and engines hold nothing else. Write an OCI archive or layout (--format oci, oci:DIR).`, { file });
}
