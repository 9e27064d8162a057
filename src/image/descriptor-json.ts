import type { Descriptor, Platform } from '../content/descriptor.js';
import { digestAlgorithm, digestOf } from '../content/digest.js';
import type { JsonValue } from '../content/json.js';
import { malformed } from '../content/json-error.js';
import { record, type JsonRecord } from '../content/json-record.js';
import type { JsonWritable } from '../content/json-write.js';

const FIELDS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'artifactType', 'platform'] as const;
const PLATFORM_FIELDS = ['architecture', 'os', 'os.version', 'os.features', 'variant', 'features'] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a descriptor (OCI image spec, descriptor.md). Verifies media type, digest syntax, size, and that content embedded
 * in `data` is what digest and size say. Throws `document-malformed`, or `digest-malformed`.
 */
export function readDescriptor(value: JsonValue, where: string): Descriptor {
  const fields = record(value, where, FIELDS);
  const mediaType = fields.string('mediaType');
  if (mediaType === '') throw malformed(where, 'has an empty mediaType');
  const urls = fields.optionalStrings('urls');
  const annotations = fields.optionalStringMap('annotations');
  const artifactType = fields.optionalString('artifactType');
  const platform = readPlatform(fields.optionalRecord('platform', PLATFORM_FIELDS));
  const descriptor: Descriptor = {
    mediaType,
    digest: fields.digest('digest'),
    size: fields.integer('size'),
    ...(urls && { urls }),
    ...(annotations && { annotations }),
    ...(artifactType && { artifactType }),
    ...(platform && { platform }),
  };
  checkEmbedded(fields.optionalString('data'), descriptor, where);
  return descriptor;
}

/** Reads a list of descriptors; missing and null are empty. `where` names each by its position. */
export function readDescriptors(values: readonly JsonValue[], where: string): readonly Descriptor[] {
  return values.map((value, position) => readDescriptor(value, `${where}[${position}]`));
}

/** `descriptor` as a plain object, in the field order that Go's tools write. */
export function writeDescriptor(descriptor: Descriptor): { readonly [key: string]: JsonWritable | undefined } {
  const { mediaType, digest, size, urls, annotations, artifactType, platform } = descriptor;
  return { mediaType, digest, size, urls, annotations, artifactType, platform: platform && writePlatform(platform) };
}

function writePlatform(platform: Platform): JsonWritable {
  const { architecture, os, variant } = platform;
  return { architecture, os, 'os.version': platform['os.version'], 'os.features': platform['os.features'], variant };
}

/** Empty strings are legal: some tools write an empty platform for artifacts. */
function readPlatform(fields: JsonRecord<(typeof PLATFORM_FIELDS)[number]> | undefined): Platform | undefined {
  const os = fields?.optionalString('os') ?? '';
  const architecture = fields?.optionalString('architecture') ?? '';
  if (fields === undefined || (os === '' && architecture === '')) return undefined;
  const variant = fields.optionalString('variant');
  const version = fields.optionalString('os.version');
  const features = fields.optionalStrings('os.features');
  return { os, architecture, ...(variant && { variant }), ...(version && { 'os.version': version }), ...(features && { 'os.features': features }) };
}

/** A reader may take `data` instead of the blob, so it must be the blob. */
function checkEmbedded(data: string | undefined, descriptor: Descriptor, where: string): void {
  if (data === undefined || data === '') return;
  const bytes = BASE64.test(data) ? Buffer.from(data, 'base64') : undefined;
  if (bytes?.byteLength !== descriptor.size || digestOf(bytes, digestAlgorithm(descriptor.digest)) !== descriptor.digest) {
    throw malformed(where, 'embeds data that is not the content its digest and size name');
  }
}
