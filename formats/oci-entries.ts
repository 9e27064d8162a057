import { writeDescriptor } from '../src/image/descriptor-json.js';
import type { Transfer } from '../src/image/image-sink.js';
import { OCI_INDEX } from '../src/image/media-type.js';
import { bytesEntry, jsonEntry, type ArchiveEntry } from './archive-entry.js';
import { blobPath } from '../src/image/blob-path.js';
import { nameRoot } from '../src/image/named-root.js';

/** The files of an OCI archive in writing order: control files, then documents, then blobs. */
export function ociEntries(transfer: Transfer): readonly ArchiveEntry[] {
  return [...ociControlEntries(transfer), ...documentEntries(transfer), ...blobEntries(transfer)];
}

/** `oci-layout` and `index.json` (OCI image spec, image-layout.md). */
export function ociControlEntries(transfer: Transfer): readonly ArchiveEntry[] {
  const manifests = transfer.roots.flatMap((root) => nameRoot(root)).map(({ descriptor }) => writeDescriptor(descriptor));
  return [
    jsonEntry('oci-layout', { imageLayoutVersion: '1.0.0' }),
    jsonEntry('index.json', { schemaVersion: 2, mediaType: OCI_INDEX, manifests }),
  ];
}

export function documentEntries(transfer: Transfer): readonly ArchiveEntry[] {
  return [...transfer.documents].map(([digest, { bytes }]) => bytesEntry(blobPath(digest), bytes));
}

export function blobEntries(transfer: Transfer): readonly ArchiveEntry[] {
  return transfer.blobs.map((blob) => ({ path: blobPath(blob.descriptor.digest), size: blob.descriptor.size, blob }));
}
