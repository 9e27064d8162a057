import type { Compression } from '../content/compression.js';

// OCI image specification 1.1, media-types.md.
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const OCI_NONDISTRIBUTABLE = 'application/vnd.oci.image.layer.nondistributable.v1.tar';

// Docker image manifest version 2, schema 2.
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';
const DOCKER_FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar';

/** Which family of media types a document uses. */
export type MediaFamily = 'oci' | 'docker';

const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/;
const ENCRYPTED = '+encrypted';
// zstd under Docker types is containerd's and BuildKit's addition.
const LAYERS: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  [OCI_LAYER, 'none'], [`${OCI_LAYER}+gzip`, 'gzip'], [`${OCI_LAYER}+zstd`, 'zstd'],
  [OCI_NONDISTRIBUTABLE, 'none'], [`${OCI_NONDISTRIBUTABLE}+gzip`, 'gzip'], [`${OCI_NONDISTRIBUTABLE}+zstd`, 'zstd'],
  [DOCKER_LAYER, 'none'], [`${DOCKER_LAYER}.gzip`, 'gzip'], [`${DOCKER_LAYER}.zstd`, 'zstd'],
  [DOCKER_FOREIGN, 'none'], [`${DOCKER_FOREIGN}.gzip`, 'gzip'], [`${DOCKER_FOREIGN}.zstd`, 'zstd'],
]);

/** True for an OCI index and a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_INDEX;
}

/** True for an OCI manifest and a Docker schema 2 manifest. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST;
}

/** True for the config of a runnable image, as opposed to that of an artifact. */
export function isConfigType(mediaType: string): boolean {
  return mediaType === OCI_CONFIG || mediaType === DOCKER_CONFIG;
}

/** True for the signed and unsigned forms of Docker schema 1, which this library does not read. */
export function isSchema1Type(mediaType: string): boolean {
  return SCHEMA1.test(mediaType);
}

/**
 * How the tar in a layer of this media type is compressed; undefined when it is not a filesystem layer.
 * Of an encrypted layer this is the compression *under* the encryption: ask {@link isEncrypted} before decompressing.
 */
export function layerCompression(mediaType: string): Compression | undefined {
  return LAYERS.get(isEncrypted(mediaType) ? mediaType.slice(0, -ENCRYPTED.length) : mediaType);
}

/** The media type of a distributable layer. */
export function layerTypeFor(family: MediaFamily, compression: Compression): string {
  if (compression === 'none') return family === 'oci' ? OCI_LAYER : DOCKER_LAYER;
  return family === 'oci' ? `${OCI_LAYER}+${compression}` : `${DOCKER_LAYER}.${compression}`;
}

/** True for layers that may be absent: OCI non-distributable and Docker foreign ones (Windows base layers). */
export function isNonDistributable(mediaType: string): boolean {
  return layerCompression(mediaType) !== undefined && (mediaType.startsWith(OCI_NONDISTRIBUTABLE) || mediaType.startsWith(DOCKER_FOREIGN));
}

/** True for content encrypted by ocicrypt, marked with the suffix `+encrypted`. */
export function isEncrypted(mediaType: string): boolean {
  return mediaType.endsWith(ENCRYPTED);
}

/** The family a manifest, index, config or layer type belongs to; undefined for anything else. */
export function mediaFamily(mediaType: string): MediaFamily | undefined {
  if (mediaType.startsWith('application/vnd.docker.')) return 'docker';
  return mediaType.startsWith('application/vnd.oci.') ? 'oci' : undefined;
}
