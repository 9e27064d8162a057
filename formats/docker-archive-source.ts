import type { Compression } from '../src/content/compression.js';
import { sniffCompression } from '../src/content/compression.js';
import type { Descriptor } from '../src/content/descriptor.js';
import { digestOf, isDigest, type Digest } from '../src/content/digest.js';
import { ImgkitError } from '../src/errors.js';
import { parseConfig } from '../src/image/config.js';
import { parseDockerManifest, type DockerManifestItem } from '../src/image/docker-manifest.js';
import type { Finding } from '../src/image/finding.js';
import type { ImageSource, Root } from '../src/image/image-source.js';
import { encodeMadeUpManifest } from '../src/image/made-up-manifest.js';
import { layerTypeFor, OCI_MANIFEST } from '../src/image/media-type.js';
import type { TarEntry } from '../src/tar/tar-entry.js';
import { readBody, readControlFile, type Archive } from './archive.js';
import { digestOfEntry } from './entry-digest.js';
import { refuseForeignCompression } from './foreign-compression.js';
import { fullName } from './names.js';

/**
 * Reads a docker-save archive of any dialect through its manifest.json. It holds no manifests, so one is made up for each
 * image (`synthesized`); uncompressed layers are named by the diffID that the config claims, which every read then proves.
 */
export async function openDockerArchive(archive: Archive): Promise<ImageSource> {
  const notes: Finding[] = [];
  const roots: Root[] = [];
  for (const item of await readDockerManifest(archive)) roots.push(await synthesizeRoot(archive, item, notes));
  const { location, blobs, source } = archive;
  return { location, format: 'docker-archive', blobs, roots, notes, close: () => source.close() };
}

export async function readDockerManifest(archive: Archive): Promise<readonly DockerManifestItem[]> {
  const bytes = await readControlFile(archive, 'manifest.json', archive.limits.documentBytes);
  return parseDockerManifest(bytes, `${archive.location}: manifest.json`, archive.limits);
}

/** One image of manifest.json as a root with a made-up OCI manifest; its blobs are placed in the archive's. */
export async function synthesizeRoot(archive: Archive, item: DockerManifestItem, notes: Finding[]): Promise<Root> {
  const { blobs, limits, location: file } = archive;
  const configEntry = resolve(archive, item.config);
  const configBytes = await readBody(archive, configEntry, limits.configBytes);
  const digest = digestOf(configBytes);
  blobs.place(digest, configEntry.bodyOffset, configEntry.size);
  const named = /(?:^|\/)([a-f0-9]{64})(?:\.json)?$/.exec(item.config)?.[1];
  if (named !== undefined && digest !== `sha256:${named}`) {
    notes.push({ check: 'names', status: 'note', subject: item.config, message: 'the config file is not named after its digest; legal in a docker archive, the image ID comes from the content', expected: digest, found: `sha256:${named}` });
  }
  const { diffIds } = parseConfig(configBytes, `${file}: ${item.config}`, limits);
  if (diffIds.length !== item.layers.length) {
    throw new ImgkitError('document-malformed', `${file}: manifest.json lists ${item.layers.length} layers of ${item.config}, whose rootfs.diff_ids has ${diffIds.length}; the archive contradicts itself; get it again from who made it.`, { file, entry: item.config, expected: String(diffIds.length), found: String(item.layers.length) });
  }
  const layers: Descriptor[] = [];
  for (const [i, path] of item.layers.entries()) layers.push(await placeLayer(archive, path, diffIds[i] as Digest));
  const manifest = encodeMadeUpManifest({ digest, size: configBytes.length }, layers);
  const descriptor: Descriptor = { mediaType: OCI_MANIFEST, digest: blobs.make(manifest), size: manifest.length };
  return { descriptor, names: item.repoTags.map((tag) => fullName(tag, `${file}: manifest.json`)), manifestOrigin: 'synthesized' };
}

async function placeLayer(archive: Archive, path: string, diffId: Digest): Promise<Descriptor> {
  const entry = resolve(archive, path);
  const head = await archive.source.read(entry.bodyOffset, Math.min(4, entry.size));
  refuseForeignCompression(head, archive.location, path);
  const compression = sniffCompression(head);
  const named = digestInName(path);
  // Some writers name a compressed layer after its diffID: then the name says nothing about its bytes.
  const digest = compression === 'none' ? diffId : named === undefined || named === diffId ? await digestOfEntry(archive, entry) : named;
  archive.blobs.place(digest, entry.bodyOffset, entry.size);
  return { mediaType: layerTypeFor('oci', compression satisfies Compression), digest, size: entry.size };
}

/** Crane, kaniko and OCI-like archives name a compressed layer after its digest. */
function digestInName(path: string): Digest | undefined {
  const hex = /(?:^|\/)(?:sha256:)?([a-f0-9]{64})(?:\.tar(?:\.gz|\.zst)?|\.tgz)?$/.exec(path)?.[1];
  const digest = `sha256:${hex}`;
  return hex !== undefined && isDigest(digest) ? digest : undefined;
}

function resolve(archive: Archive, path: string): TarEntry {
  const entry = archive.index.resolve(path);
  if (entry !== undefined) return entry;
  const { location: file } = archive;
  throw new ImgkitError('blob-missing', `${file}: manifest.json names ${JSON.stringify(path)}, which is not in the archive; it may have been cut or repacked.`, { file, entry: path });
}
