import type { Descriptor } from '../content/descriptor.js';
import { stringifyCanonical } from '../content/json-write.js';
import { writeDescriptor } from './descriptor-json.js';
import { OCI_INDEX, OCI_MANIFEST } from './media-type.js';

export interface ManifestParts {
  /** Default: an OCI manifest. */
  readonly mediaType?: string;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: ReadonlyMap<string, string> | undefined;
}

export interface IndexParts {
  /** Default: an OCI index. */
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: ReadonlyMap<string, string> | undefined;
}

/** A manifest as bytes (OCI image spec, manifest.md). The same parts always give the same bytes. */
export function encodeManifest(parts: ManifestParts): Uint8Array {
  const { mediaType = OCI_MANIFEST, artifactType, config, layers, subject, annotations } = parts;
  return encode({
    schemaVersion: 2, mediaType, artifactType, config: writeDescriptor(config), layers: layers.map(writeDescriptor),
    subject: subject && writeDescriptor(subject), annotations: filled(annotations),
  });
}

/** An index, or the `index.json` of a layout, as bytes (OCI image spec, image-index.md). */
export function encodeIndex(parts: IndexParts): Uint8Array {
  const { mediaType = OCI_INDEX, manifests, subject, annotations } = parts;
  return encode({ schemaVersion: 2, mediaType, manifests: manifests.map(writeDescriptor), subject: subject && writeDescriptor(subject), annotations: filled(annotations) });
}

function filled(map: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> | undefined {
  return map?.size ? map : undefined;
}

function encode(value: Parameters<typeof stringifyCanonical>[0]): Uint8Array {
  return Buffer.from(stringifyCanonical(value), 'utf8');
}
