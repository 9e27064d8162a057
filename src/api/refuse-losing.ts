import { isSameFile } from '../content/same-file.js';
import { ImgkitError } from '../errors.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { archivePath, type Location } from '../image/location.js';
import type { Limits } from '../limits.js';
import { attachedRoots } from './attached-roots.js';

/** An image that is read, and where. */
interface Taken {
  readonly source: ImageSource;
  readonly root: Root;
}

/**
 * Throws `usage` when `target` is the very archive that images are `taken` from, and holds others: an archive is written anew, so those
 * would be gone. Where nothing else is in it, it may be replaced by what is made of it.
 */
export async function refuseLosing(target: Location, taken: readonly Taken[], limits: Limits): Promise<void> {
  const path = archivePath(target);
  if (path === undefined) return;
  for (const source of new Set(taken.map((each) => each.source))) {
    if (!(await isSameFile(source.location, path))) continue;
    const attached = await attachedRoots(source, source.roots, limits);
    const digests = new Set(taken.filter((each) => each.source === source).map(({ root }) => root.descriptor.digest));
    const other = source.roots.find((root) => !digests.has(root.descriptor.digest) && !attached.has(root));
    if (other === undefined) continue;
    throw new ImgkitError('usage', `${path} is the archive that is read, and holds other images (${other.names[0] ?? other.refName ?? other.descriptor.digest}), which would be gone; write to another file.`, { file: path });
  }
}
