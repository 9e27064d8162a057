import { isDigest, type Digest } from '../src/content/digest.js';
import { checkLayoutFile } from '../src/image/oci-layout-file.js';
import { parseIndex } from '../src/image/image-index.js';
import type { Finding } from '../src/image/finding.js';
import type { ImageSource, Root } from '../src/image/image-source.js';
import { CONTAINERD_NAME } from '../src/image/index-names.js';
import { layoutRootsOf } from '../src/image/index-roots.js';
import { isImageId } from '../src/image/reference.js';
import { readControlFile, type Archive } from './archive.js';
import { fullName } from './names.js';
import { presentRoots } from './present-roots.js';

/** Reads an OCI image layout inside a tar (OCI image spec, image-layout.md). */
export async function openOciArchive(archive: Archive): Promise<ImageSource> {
  const notes: Finding[] = [];
  const roots = await readOciRoots(archive, notes);
  const { location, blobs, source } = archive;
  return { location, format: 'oci-archive', blobs, roots, notes, close: () => source.close() };
}

/** Checks `oci-layout`, places every blob, and reads the roots from index.json. */
export async function readOciRoots(archive: Archive, notes: Finding[]): Promise<readonly Root[]> {
  const { location: file, limits } = archive;
  checkLayoutFile(await readControlFile(archive, 'oci-layout', limits.documentBytes), limits, `${file}: oci-layout`);
  placeBlobs(archive);
  const where = `${file}: index.json`;
  const index = parseIndex(await readControlFile(archive, 'index.json', limits.documentBytes), undefined, limits, where);
  for (const { annotations } of index.manifests) {
    // Readers that cannot take the name fall back to another one: refuse instead.
    const name = annotations?.get(CONTAINERD_NAME);
    if (name !== undefined && !isImageId(name)) fullName(name, where);
  }
  return presentRoots(archive.blobs, layoutRootsOf(index.manifests), file, notes);
}

function placeBlobs(archive: Archive): void {
  for (const { path } of archive.index.entries) {
    const match = /^blobs\/(sha256|sha512)\/([a-f0-9]+)$/.exec(path);
    if (match === null) continue;
    const digest = `${match[1]}:${match[2]}`;
    const entry = isDigest(digest) ? archive.index.resolve(path) : undefined;
    if (entry !== undefined) archive.blobs.place(digest as Digest, entry.bodyOffset, entry.size);
  }
}
