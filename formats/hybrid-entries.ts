import type { Transfer } from '../src/image/image-sink.js';
import type { ArchiveEntry } from './archive-entry.js';
import { blobPath } from '../src/image/blob-path.js';
import { manifestEntry } from './docker-entries.js';
import { blobEntries, documentEntries, ociControlEntries } from './oci-entries.js';

/**
 * The files of a hybrid archive: an OCI layout with a manifest.json that points into `blobs/`, as Docker 25 and later writes.
 * docker load, podman load, `skopeo oci-archive:` and `skopeo docker-archive:` all read it.
 */
export function hybridEntries(transfer: Transfer): readonly ArchiveEntry[] {
  return [
    ...ociControlEntries(transfer),
    manifestEntry(transfer.images, { config: blobPath, layer: blobPath }),
    ...documentEntries(transfer),
    ...blobEntries(transfer),
  ];
}
