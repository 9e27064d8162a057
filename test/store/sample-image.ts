import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Descriptor } from '../../src/content/descriptor.js';
import { digestOf, type Digest } from '../../src/content/digest.js';
import type { BlobSource } from '../../src/content/byte-source.js';
import type { Transfer, TransferRoot } from '../../src/image/image-sink.js';
import { blobPath } from '../../src/store/layout-blobs.js';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

export interface SampleImage {
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** Every blob, the manifest included. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
}

/** An image whose layers are filled with their names: the same name is the same layer. */
export function sampleImage(title: string, layerNames: readonly string[] = ['base', title], layerSize = 3000): SampleImage {
  const blobs = new Map<Digest, Uint8Array>();
  const add = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const layers = layerNames.map((name) => add(LAYER, Buffer.alloc(layerSize, `${name}\n`)));
  const config = add(CONFIG, json({ architecture: 'amd64', os: 'linux', config: { Labels: { title } }, rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } }));
  const manifest = add(MANIFEST, json({ schemaVersion: 2, mediaType: MANIFEST, config, layers }));
  return { manifest, config, layers, blobs };
}

/** An artifact that points at `subject`: a signature, an SBOM. */
export function sampleReferrer(subject: Descriptor, text: string): SampleImage {
  const blobs = new Map<Digest, Uint8Array>();
  const add = (mediaType: string, bytes: Uint8Array): Descriptor => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const config = add('application/vnd.oci.empty.v1+json', json({}));
  const layers = [add('text/plain', Buffer.from(text))];
  const manifest = add(MANIFEST, json({ schemaVersion: 2, mediaType: MANIFEST, artifactType: 'text/plain', config, layers, subject }));
  return { manifest, config, layers, blobs };
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Puts every blob of `images` below `folder`, as a layout has them. */
export async function writeBlobs(folder: string, ...images: readonly SampleImage[]): Promise<void> {
  for (const { blobs } of images) {
    for (const [digest, bytes] of blobs) {
      const path = blobPath(folder, digest);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
  }
}

/** A transfer of one image from `source`. */
export function transferOf(image: SampleImage, source: BlobSource, names: readonly string[], root: Partial<TransferRoot> = {}): Transfer {
  const { manifest } = image;
  return {
    roots: [{ descriptor: manifest, names, manifestOrigin: 'stored', ...root }],
    images: [],
    documents: new Map([[manifest.digest, { descriptor: manifest, bytes: image.blobs.get(manifest.digest) ?? new Uint8Array() }]]),
    blobs: [image.config, ...image.layers].map((descriptor) => ({
      descriptor,
      from: { blobs: source, digest: descriptor.digest, size: descriptor.size },
      size: 'exact' as const,
    })),
  };
}
