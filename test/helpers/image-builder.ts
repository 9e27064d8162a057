import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { file, item, raw, tar } from '../hostile/tar-builder.js';

/** A JSON object that a test may bend out of shape. */
export type Json = Readonly<Record<string, unknown>>;

export interface JsonDescriptor extends Json {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface BuiltLayer {
  /** Uncompressed. */
  readonly tar: Buffer;
  /** As it lies in the archive. */
  readonly stored: Buffer;
  readonly diffId: string;
  readonly descriptor: JsonDescriptor;
}

/** A manifest with everything below it, digests right unless a hook made them wrong. */
export interface BuiltImage {
  readonly layers: readonly BuiltLayer[];
  readonly config: Buffer;
  readonly configDescriptor: JsonDescriptor;
  readonly manifest: Buffer;
  readonly descriptor: JsonDescriptor;
  /** Everything, the manifest included. */
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** A document after a hook: an object to be encoded, or exact bytes. */
type Bent = Json | string | Uint8Array;

export interface ImageOptions {
  readonly layers?: readonly BuiltLayer[];
  /** Default: a config that is right. */
  readonly config?: (config: Json) => Bent;
  readonly manifest?: (manifest: Json) => Bent;
  readonly family?: 'oci' | 'docker';
}

export const TYPES = {
  oci: { manifest: 'application/vnd.oci.image.manifest.v1+json', config: 'application/vnd.oci.image.config.v1+json', layer: 'application/vnd.oci.image.layer.v1.tar', gzip: '+gzip', zstd: '+zstd' },
  docker: { manifest: 'application/vnd.docker.distribution.manifest.v2+json', config: 'application/vnd.docker.container.image.v1+json', layer: 'application/vnd.docker.image.rootfs.diff.tar', gzip: '.gzip', zstd: '.zstd' },
} as const;
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

export function encode(value: Bent): Buffer {
  return Buffer.from(typeof value === 'string' ? value : value instanceof Uint8Array ? value : JSON.stringify(value));
}

export function describe(mediaType: string, bytes: Uint8Array, more: Json = {}): JsonDescriptor {
  return { mediaType, digest: sha256(bytes), size: bytes.length, ...more };
}

/** A layer tar with a folder and one file. */
export function layerTar(title: string, body: string | Uint8Array = `${title}\n`.repeat(40)): Buffer {
  return tar(raw({ name: `${title}/`, type: '5', mode: '0000755\0' }), file(`${title}/file`, body));
}

/** A layer; `stored` replaces the bytes that lie in the archive, `mediaType` the type. */
export function layer(content: string | Buffer, options: { readonly gzip?: true; readonly stored?: Buffer; readonly mediaType?: string; readonly family?: 'oci' | 'docker' } = {}): BuiltLayer {
  const bytes = typeof content === 'string' ? layerTar(content) : content;
  const stored = options.stored ?? (options.gzip === true ? gzipSync(bytes) : bytes);
  const { layer: plain, gzip } = TYPES[options.family ?? 'oci'];
  const mediaType = options.mediaType ?? (options.gzip === true ? `${plain}${gzip}` : plain);
  return { tar: bytes, stored, diffId: sha256(bytes), descriptor: describe(mediaType, stored) };
}

/** An image of two layers, unless the options say otherwise. */
export function image(title = 'app', options: ImageOptions = {}): BuiltImage {
  const { layers = [layer('base', { gzip: true }), layer(title, { gzip: true })], family = 'oci' } = options;
  const types = TYPES[family];
  const config = encode((options.config ?? ((same) => same))({
    architecture: 'amd64', os: 'linux', created: '2024-01-01T00:00:00Z',
    config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'], Labels: { title } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.flatMap((_, i) => [{ created: '2024-01-01T00:00:00Z', created_by: `step ${i}` }, ...(i === 0 ? [{ created_by: 'ENV PATH=/bin', empty_layer: true }] : [])]),
  }));
  const configDescriptor = describe(types.config, config);
  const manifest = encode((options.manifest ?? ((same) => same))({ schemaVersion: 2, mediaType: types.manifest, config: configDescriptor, layers: layers.map(({ descriptor }) => descriptor) }));
  const descriptor = describe(types.manifest, manifest);
  const blobs = new Map([[descriptor.digest, manifest], [configDescriptor.digest, config], ...layers.map(({ descriptor: { digest }, stored }): [string, Buffer] => [digest, stored])]);
  return { layers, config, configDescriptor, manifest, descriptor, blobs };
}

/** What a document like an index or an artifact manifest becomes: its descriptor and all blobs below it. */
export interface BuiltDocument {
  readonly descriptor: JsonDescriptor;
  readonly blobs: ReadonlyMap<string, Buffer>;
}

/** An index over `members`; the blobs of those in `present` come along. */
export function index(members: readonly JsonDescriptor[], present: readonly BuiltDocument[] = [], bend: (index: Json) => Bent = (same) => same): BuiltDocument {
  const bytes = encode(bend({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: members }));
  const descriptor = describe(INDEX_TYPE, bytes);
  return { descriptor, blobs: new Map([[descriptor.digest, bytes], ...present.flatMap(({ blobs }) => [...blobs])]) };
}

/** An artifact (signature, SBOM) about `subject`. */
export function artifact(artifactType: string, content: string, subject?: JsonDescriptor): BuiltDocument {
  const config = Buffer.from('{}');
  const body = Buffer.from(content);
  const [configDescriptor, bodyDescriptor] = [describe('application/vnd.oci.empty.v1+json', config), describe('application/x-unheard-of', body)];
  const bytes = encode({ schemaVersion: 2, mediaType: TYPES.oci.manifest, artifactType, config: configDescriptor, layers: [bodyDescriptor], ...(subject && { subject }) });
  const descriptor = describe(TYPES.oci.manifest, bytes, { artifactType });
  return { descriptor, blobs: new Map([[descriptor.digest, bytes], [configDescriptor.digest, config], [bodyDescriptor.digest, body]]) };
}

/** An entry of an archive: a body, or a link. Paths may repeat; order counts. */
export type Part = readonly [path: string, body: Uint8Array | string | { readonly symlink: string } | { readonly hardlink: string }];

/** Parts as a tar, end marker included. */
export function pack(parts: readonly Part[]): Buffer {
  return tar(...parts.map(([name, body]) => {
    if (typeof body === 'string' || body instanceof Uint8Array) return item({ name }, body);
    return 'symlink' in body ? raw({ name, type: '2', link: body.symlink }) : raw({ name, type: '1', link: body.hardlink });
  }));
}

/** `parts` with the body at `path` replaced. Throws when there is no such part: a test would prove nothing. */
export function replace(parts: readonly Part[], path: string, body: Part[1]): readonly Part[] {
  if (!parts.some(([name]) => name === path)) throw new Error(`no part ${path}`);
  return parts.map((part) => (part[0] === path ? [path, body] : part));
}

/** `parts` without the one at `path`. */
export function without(parts: readonly Part[], path: string): readonly Part[] {
  if (!parts.some(([name]) => name === path)) throw new Error(`no part ${path}`);
  return parts.filter(([name]) => name !== path);
}

export function bodyOf(parts: readonly Part[], path: string): Buffer {
  const body = parts.find(([name]) => name === path)?.[1];
  if (body === undefined || (typeof body === 'object' && !(body instanceof Uint8Array))) throw new Error(`no body at ${path}`);
  return Buffer.from(body as Uint8Array);
}

export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
