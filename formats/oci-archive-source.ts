import { isDigest, type Digest } from '../src/content/digest.js';
import { ImgkitError } from '../src/errors.js';
import { parseJson } from '../src/content/json.js';
import { parseIndex } from '../src/image/image-index.js';
import type { ImageSource, Root } from '../src/image/image-source.js';
import { readControlFile, type Archive } from './archive.js';
import { namesOf } from './names.js';

/** Reads an OCI image layout inside a tar (OCI image spec, image-layout.md). */
export async function openOciArchive(archive: Archive): Promise<ImageSource> {
  const roots = await readOciRoots(archive);
  const { location, blobs, source } = archive;
  return { location, format: 'oci-archive', blobs, roots, notes: [], close: () => source.close() };
}

/** Checks `oci-layout`, places every blob, and reads the roots from index.json. */
export async function readOciRoots(archive: Archive): Promise<readonly Root[]> {
  const { location: file, limits } = archive;
  checkLayoutVersion(await readControlFile(archive, 'oci-layout', limits.documentBytes), file, limits);
  placeBlobs(archive);
  const where = `${file}: index.json`;
  const index = parseIndex(await readControlFile(archive, 'index.json', limits.documentBytes), undefined, limits, where);
  return index.manifests.map((descriptor) => ({ descriptor, ...namesOf(descriptor, where), manifestOrigin: 'stored' as const }));
}

/** Throws `document-malformed` unless `bytes` is an `oci-layout` of version 1. */
export function checkLayoutVersion(bytes: Uint8Array, file: string, limits: Archive['limits']): void {
  const value = parseJson(bytes, `${file}: oci-layout`, limits);
  const version = value instanceof Map ? value.get('imageLayoutVersion') : undefined;
  if (typeof version === 'string' && /^1\.\d+\.\d+$/.test(version)) return;
  throw new ImgkitError('document-malformed', `${file}: oci-layout says version ${JSON.stringify(version)}; only 1.x is known.`, { file, entry: 'oci-layout', expected: '1.0.0', found: String(version) });
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
