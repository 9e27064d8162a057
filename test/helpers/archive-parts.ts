import { blobPath, encode, hexOf, INDEX_TYPE, sha256, type BuiltDocument, type BuiltImage, type Json, type JsonDescriptor, type Part } from './image-builder.js';

/** A root of an archive and the name it gets there. */
export interface NamedRoot<T extends BuiltDocument = BuiltDocument> {
  readonly document: T;
  /** A familiar name (`app:1`); undefined leaves it untagged. */
  readonly name?: string | undefined;
}

export function named<T extends BuiltDocument>(document: T, name?: string): NamedRoot<T> {
  return { document, name };
}

/** Annotations that name a root, as containerd, podman and we write them. */
export function nameAnnotations(name: string): Json {
  const full = name.includes('/') ? name : `docker.io/library/${name}`;
  return { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': full };
}

export function indexJson(roots: readonly NamedRoot[]): Json {
  const manifests = roots.map(({ document: { descriptor }, name }): JsonDescriptor => (name === undefined ? descriptor : { ...descriptor, annotations: nameAnnotations(name) }));
  return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
}

/** An OCI layout as parts: of an archive, or files of a folder. */
export function ociParts(roots: readonly NamedRoot[], index: Json = indexJson(roots)): readonly Part[] {
  const blobs = new Map(roots.flatMap(({ document }) => [...document.blobs]));
  return [
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', encode(index)],
    ...[...blobs].map(([digest, bytes]): Part => [blobPath(digest), bytes]),
  ];
}

/** `manifest.json` of a hybrid archive, or of a docker archive when `paths` say where its files lie. */
export function dockerManifest(images: readonly NamedRoot<BuiltImage>[], paths = { config: blobPath, layer: blobPath }): readonly Json[] {
  return images.map(({ document: { configDescriptor, layers }, name }) => ({
    Config: paths.config(configDescriptor.digest),
    RepoTags: name === undefined ? null : [name],
    Layers: layers.map(({ descriptor: { digest } }) => paths.layer(digest)),
  }));
}

/** An archive as Docker 25 and we write it. */
export function hybridParts(images: readonly NamedRoot<BuiltImage>[], roots: readonly NamedRoot[] = images): readonly Part[] {
  const [layout, index, ...blobs] = ociParts(roots) as readonly [Part, Part, ...Part[]];
  return [layout, index, ['manifest.json', JSON.stringify(dockerManifest(images))], ...blobs];
}

export type DockerDialect = 'skopeo' | 'docker20' | 'crane' | 'kaniko';

/** A docker-save archive of one of the dialects. Layers lie there as they are stored in the image. */
export function dockerParts(dialect: DockerDialect, images: readonly NamedRoot<BuiltImage>[]): readonly Part[] {
  return dialect === 'docker20' ? docker20(images) : flat(dialect, images);
}

function flat(dialect: Exclude<DockerDialect, 'docker20'>, images: readonly NamedRoot<BuiltImage>[]): readonly Part[] {
  const paths = {
    skopeo: { config: (digest: string) => `${hexOf(digest)}.json`, layer: (digest: string) => `${hexOf(digest)}.tar` },
    crane: { config: (digest: string) => digest, layer: (digest: string) => `${hexOf(digest)}.tar.gz` },
    kaniko: { config: (digest: string) => digest, layer: (digest: string) => `sha256:${hexOf(digest)}.tar.gz` },
  }[dialect];
  const files = new Map<string, Uint8Array>();
  for (const { document: { config, configDescriptor, layers } } of images) {
    for (const { descriptor: { digest }, stored } of layers) files.set(paths.layer(digest), stored);
    files.set(paths.config(configDescriptor.digest), config);
  }
  return [...files, ['manifest.json', JSON.stringify(dockerManifest(images, paths))]];
}

/** Docker up to 24: a folder for each layer of each image; a layer seen before is a symlink to the first. */
function docker20(images: readonly NamedRoot<BuiltImage>[]): readonly Part[] {
  const parts: Part[] = [];
  const first = new Map<string, string>();
  const manifest: Json[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const { document: { config, configDescriptor, layers }, name } of images) {
    const ids = layers.map(({ diffId }, i) => hexOf(sha256(`${configDescriptor.digest} ${i} ${diffId}`)));
    for (const [i, { diffId, tar }] of layers.entries()) {
      const id = ids[i] as string;
      const known = first.get(diffId);
      first.set(diffId, known ?? id);
      parts.push([`${id}/VERSION`, '1.0'], [`${id}/json`, JSON.stringify({ id })], [`${id}/layer.tar`, known === undefined ? tar : { symlink: `../${known}/layer.tar` }]);
    }
    parts.push([`${hexOf(configDescriptor.digest)}.json`, config]);
    manifest.push({ Config: `${hexOf(configDescriptor.digest)}.json`, RepoTags: name === undefined ? null : [name], Layers: ids.map((id) => `${id}/layer.tar`) });
    const [repository, tag] = name?.split(':') ?? [];
    if (repository !== undefined && tag !== undefined) repositories[repository] = { [tag]: ids.at(-1) as string };
  }
  return [...parts, ['manifest.json', JSON.stringify(manifest)], ['repositories', JSON.stringify(repositories)]];
}
