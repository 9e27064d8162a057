import type { Descriptor } from '../content/descriptor.js';
import { malformed } from '../content/json-error.js';
import type { Limits } from '../limits.js';
import { readDescriptor, readDescriptors } from './descriptor-json.js';
import { checkFanOut, documentType, parseDocument } from './document.js';
import { isIndexType, OCI_INDEX } from './media-type.js';

/** An image index or Docker manifest list (OCI image spec, image-index.md). Immutable. */
export interface ImageIndex {
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations: ReadonlyMap<string, string>;
}

/**
 * Parses the index that `descriptor` names, or without one the `index.json` of a layout, which may lack a media type.
 * Verifies strict JSON, schema version, media type against the descriptor, that it is not a manifest as well
 * (CVE-2021-41190), every descriptor, and their number. `"manifests": null` is empty, as Go writes it.
 * Throws `document-malformed`, `digest-malformed` or `limit-exceeded`, naming `where`.
 */
export function parseIndex(bytes: Uint8Array, descriptor: Descriptor | undefined, limits: Limits, where = descriptor ? `index ${descriptor.digest}` : 'index.json'): ImageIndex {
  const fields = parseDocument(bytes, where, ['config', 'layers', 'fsLayers', 'blobs'], limits);
  const mediaType = documentType(fields, descriptor?.mediaType, isIndexType, 'an index') ?? OCI_INDEX;
  if (!fields.members.has('manifests')) throw malformed(where, 'has no field manifests');
  const listed = fields.array('manifests');
  checkFanOut(listed.length, where, limits);
  const subject = fields.value('subject');
  const artifactType = fields.optionalString('artifactType');
  return {
    mediaType,
    manifests: readDescriptors(listed, `${where}, manifests`),
    ...(subject !== undefined && { subject: readDescriptor(subject, `${where}, subject`) }),
    ...(artifactType && { artifactType }),
    annotations: fields.stringMap('annotations'),
  };
}

/** True for BuildKit's attestation manifests, which sit in an index beside the images they describe. */
export function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.get('vnd.docker.reference.type') === 'attestation-manifest';
}
