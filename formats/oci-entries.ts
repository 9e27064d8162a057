import type { Descriptor } from '../src/content/descriptor.js';
import { writeDescriptor } from '../src/image/descriptor-json.js';
import type { Transfer, TransferRoot } from '../src/image/image-sink.js';
import { OCI_INDEX } from '../src/image/media-type.js';
import { bytesEntry, jsonEntry, type ArchiveEntry } from './archive-entry.js';
import { blobPath } from './blob-path.js';
import { CONTAINERD_NAME, REF_NAME } from './names.js';

/** The files of an OCI archive in writing order: control files, then documents, then blobs. */
export function ociEntries(transfer: Transfer): readonly ArchiveEntry[] {
  return [...ociControlEntries(transfer), ...documentEntries(transfer), ...blobEntries(transfer)];
}

/** `oci-layout` and `index.json` (OCI image spec, image-layout.md). */
export function ociControlEntries(transfer: Transfer): readonly ArchiveEntry[] {
  const manifests = transfer.roots.flatMap((root) => indexDescriptors(root)).map((descriptor) => writeDescriptor(descriptor));
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

/** A root once per name: podman and containerd take the name from the descriptor's annotations, so both are written, equal. */
function indexDescriptors({ descriptor, names, refName }: TransferRoot): readonly Descriptor[] {
  const annotated = (name: string | undefined, ref: string | undefined): Descriptor => {
    const annotations = new Map(descriptor.annotations);
    for (const [key, value] of [[CONTAINERD_NAME, name], [REF_NAME, ref]] as const) {
      if (value === undefined) annotations.delete(key);
      else annotations.set(key, value);
    }
    const { annotations: _, ...rest } = descriptor;
    return annotations.size === 0 ? rest : { ...rest, annotations };
  };
  if (names.length === 0) return [annotated(undefined, refName)];
  return names.map((name) => annotated(name, name));
}
