import type { BlobSource } from '../src/content/byte-source.js';
import { ImgkitError } from '../src/errors.js';
import type { Finding } from '../src/image/finding.js';
import type { Root } from '../src/image/image-source.js';

/**
 * The roots whose manifests are here. An index may name what was not saved with it (another platform, an attestation), which
 * is noted; one that names nothing that is here is refused (`blob-missing`).
 */
export async function presentRoots(blobs: BlobSource, roots: readonly Root[], location: string, notes: Finding[]): Promise<readonly Root[]> {
  const present: Root[] = [];
  for (const root of roots) {
    const { digest } = root.descriptor;
    if ((await blobs.stat(digest)) !== undefined) present.push(root);
    else notes.push({ check: 'closure', status: 'note', subject: digest, message: `named by index.json${root.names.length === 0 ? '' : ` as ${root.names.join(', ')}`} and not here: legal, but it cannot be moved or loaded` });
  }
  if (present.length > 0 || roots.length === 0) return present;
  throw new ImgkitError('blob-missing', `${location}: none of the ${roots.length} manifests that index.json names is there; the archive is incomplete, get it again.`, { file: location, entry: 'index.json' });
}
