import type { Descriptor } from '../content/descriptor.js';
import { malformed } from '../content/json-error.js';
import type { Limits } from '../limits.js';
import { readDescriptor, readDescriptors } from './descriptor-json.js';
import { checkFanOut, documentType, parseDocument } from './document.js';
import { isConfigType, isManifestType, layerCompression } from './media-type.js';

/** An image or artifact manifest (OCI image spec, manifest.md; Docker image manifest v2 schema 2). Immutable. */
export interface Manifest {
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** An image config over filesystem layers; false for attestations, signatures and other artifacts. */
  readonly isRunnableImage: boolean;
}

/**
 * Parses the manifest that `descriptor` names. Verifies strict JSON, schema version, media type against the descriptor,
 * that it is not an index as well (CVE-2021-41190), every descriptor, and their number. Not its digest: verified reads do
 * that. Throws `document-malformed`, `digest-malformed` or `limit-exceeded`, naming `where`.
 */
export function parseManifest(bytes: Uint8Array, descriptor: Descriptor, limits: Limits, where = `manifest ${descriptor.digest}`): Manifest {
  const fields = parseDocument(bytes, where, ['manifests', 'fsLayers', 'blobs'], limits);
  const mediaType = documentType(fields, descriptor.mediaType, isManifestType, 'a manifest') ?? descriptor.mediaType;
  const listed = fields.array('layers');
  checkFanOut(listed.length, where, limits);
  const configValue = fields.value('config');
  if (configValue === undefined) throw malformed(where, 'has no field config');
  const config = readDescriptor(configValue, `${where}, config`);
  const layers = readDescriptors(listed, `${where}, layers`);
  const subject = fields.value('subject');
  const artifactType = fields.optionalString('artifactType');
  return {
    mediaType,
    config,
    layers,
    ...(subject !== undefined && { subject: readDescriptor(subject, `${where}, subject`) }),
    ...(artifactType && { artifactType }),
    annotations: fields.stringMap('annotations'),
    isRunnableImage: isConfigType(config.mediaType) && layers.every(layer => layerCompression(layer.mediaType) !== undefined),
  };
}
