import { digestAlgorithm, digestOf } from '../src/content/digest.js';
import { ImgkitError } from '../src/errors.js';
import { walkClosure, type ClosureImage } from '../src/image/closure.js';
import type { DockerManifestItem } from '../src/image/docker-manifest.js';
import type { Finding } from '../src/image/finding.js';
import type { ImageSource, Root } from '../src/image/image-source.js';
import { readControlFile, type Archive } from './archive.js';
import { blobPath } from '../src/image/blob-path.js';
import { openDockerArchive, readDockerManifest, synthesizeRoot } from './docker-archive-source.js';
import { fullName } from './names.js';
import { readOciRoots } from './oci-archive-source.js';

interface RootImage {
  readonly rootIndex: number;
  readonly image: ClosureImage;
}

/**
 * Reads an archive that is an OCI layout and a docker archive at once (Docker 25 and later, and ours).
 * Both halves must describe the same images: what one reader verifies another would load. Throws `format-ambiguous`.
 */
export async function openHybrid(archive: Archive): Promise<ImageSource> {
  const notes: Finding[] = [];
  const roots = [...(await readOciRoots(archive, notes))];
  const items = await readDockerManifest(archive);
  if (roots.length === 0 && items.length > 0) return openUnlisted(archive);
  const images = await imagesOf(archive, roots);
  for (const item of items) {
    const holders = await matchItem(archive, item, roots, images, notes);
    for (const tag of item.repoTags) addName(archive, fullName(tag, `${archive.location}: manifest.json`), holders, roots, notes);
  }
  const { location, blobs, source } = archive;
  return { location, format: 'hybrid', blobs, roots, notes, close: () => source.close() };
}

/** Docker 25 lists nothing in index.json for some images that were saved by ID; an OCI reader sees no image there, so nothing is contradicted. */
async function openUnlisted(archive: Archive): Promise<ImageSource> {
  const source = await openDockerArchive(archive);
  const message = 'index.json lists no images; manifest.json is used instead';
  return { ...source, notes: [...source.notes, { check: 'documents', status: 'note', subject: 'index.json', message }] };
}

async function imagesOf(archive: Archive, roots: readonly Root[]): Promise<readonly RootImage[]> {
  const images: RootImage[] = [];
  for (const [rootIndex, root] of roots.entries()) {
    const closure = await walkClosure(archive.blobs, root.descriptor, archive.limits, archive.location);
    for (const image of closure.images) images.push({ rootIndex, image });
  }
  return images;
}

/** The roots that hold the image which `item` of manifest.json describes: itself, or an index with it; their positions among `roots`, at least one. */
async function matchItem(archive: Archive, item: DockerManifestItem, roots: Root[], images: readonly RootImage[], notes: Finding[]): Promise<readonly number[]> {
  const config = await readControlFile(archive, item.config, archive.limits.configBytes);
  const sameConfig = images.filter(({ image: { manifest: { config: { digest } } } }) => digestOf(config, digestAlgorithm(digest)) === digest);
  const matches = sameConfig.filter(({ image }) => sameLayers(archive, item, image));
  if (matches.length > 0) return matches.map(({ rootIndex }) => rootIndex);
  const zero = sameConfig.find(({ image }) => image.manifest.layers.length === 0);
  const root = zero && roots[zero.rootIndex];
  if (zero !== undefined && root !== undefined) {
    // Docker 25.0 wrote OCI manifests without layers (moby/moby#47065); its manifest.json is right.
    roots[zero.rootIndex] = { ...(await synthesizeRoot(archive, item, notes)), names: root.names };
    notes.push({ check: 'documents', status: 'note', subject: root.descriptor.digest, message: 'the OCI manifest lists no layers (a bug of Docker 25.0); manifest.json is used instead' });
    return [zero.rootIndex];
  }
  const { location: file } = archive;
  throw new ImgkitError('format-ambiguous', `${file}: manifest.json describes an image (config ${digestOf(config)}) that index.json does not, so two readers would load two different images; name the half you mean with docker-archive:${file} or oci-archive:${file}.`, { file, entry: item.config });
}

function sameLayers(archive: Archive, item: DockerManifestItem, image: ClosureImage): boolean {
  const { layers } = image.manifest;
  return layers.length === item.layers.length && layers.every(({ digest }, i) => {
    const theirs = archive.index.resolve(item.layers[i] as string);
    const ours = archive.index.resolve(blobPath(digest));
    return ours === undefined ? theirs === undefined && item.layers[i] === blobPath(digest) : theirs?.bodyOffset === ours.bodyOffset;
  });
}

function addName(archive: Archive, name: string, holders: readonly number[], roots: Root[], notes: Finding[]): void {
  const digests = holders.map((at) => roots[at]?.descriptor.digest);
  const { location: file } = archive;
  if (roots.some((root) => root.names.includes(name) && !digests.includes(root.descriptor.digest))) {
    throw new ImgkitError('format-ambiguous', `${file}: manifest.json and index.json give the name ${name} to different images; name the half you mean with docker-archive:${file} or oci-archive:${file}.`, { file, entry: name });
  }
  if (roots.some((root) => root.names.includes(name))) return;
  const first = holders[0] as number;
  const root = roots[first] as Root;
  roots[first] = { ...root, names: [...root.names, name] };
  notes.push({ check: 'names', status: 'note', subject: name, message: 'named in manifest.json only; index.json leaves it out' });
}
