import { parseJson } from '../content/json.js';
import { checkDocumentSize, malformed, quoted } from '../content/json-error.js';
import { record, type JsonRecord } from '../content/json-record.js';
import { ImgkitError } from '../errors.js';
import type { Limits } from '../limits.js';
import { isSchema1Type } from './media-type.js';

/** Every field of a manifest or an index, so that a twin in another case is caught in both. */
const FIELDS = [
  'schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'subject', 'artifactType', 'annotations',
  'fsLayers', 'signatures', 'blobs',
] as const;

export type DocumentRecord = JsonRecord<(typeof FIELDS)[number]>;

/**
 * Parses what manifest and index have in common. Verifies size, `schemaVersion` 2, and that no field belongs to another
 * kind of document, listed in `foreign`: such a document means one thing to one reader and another to the next
 * (CVE-2021-41190). Throws `document-malformed` or `limit-exceeded`.
 */
export function parseDocument(bytes: Uint8Array, where: string, foreign: readonly (typeof FIELDS)[number][], limits: Limits): DocumentRecord {
  checkDocumentSize(bytes, limits.documentBytes, where, 'documentBytes');
  const fields = record(parseJson(bytes, where, limits), where, FIELDS);
  const version = fields.value('schemaVersion');
  if (version === 1 || isSchema1Type(fields.optionalString('mediaType') ?? '')) throw schema1(where);
  if (version !== 2) throw malformed(where, `has schemaVersion ${quoted(version)}, must be 2`, { expected: '2', found: quoted(version) });
  const odd = foreign.find(field => fields.members.has(field));
  if (odd !== undefined) throw malformed(where, `has a field ${odd}, which makes it two kinds of document at once (CVE-2021-41190)`, { found: odd });
  return fields;
}

/**
 * The media type of a document: its own, which must be its descriptor's when it has both. Verifies with `isKind` that it is
 * of the expected kind. Throws `document-malformed`.
 */
export function documentType(fields: DocumentRecord, named: string | undefined, isKind: (type: string) => boolean, kind: string): string | undefined {
  const own = fields.optionalString('mediaType') || undefined;
  if (named !== undefined && isSchema1Type(named)) throw schema1(fields.where);
  if (own !== undefined && named !== undefined && own !== named) {
    throw malformed(fields.where, `calls itself ${quoted(own)} but its descriptor says ${quoted(named)} (CVE-2021-41190)`, { expected: named, found: own });
  }
  const type = own ?? named;
  if (type !== undefined && !isKind(type)) throw malformed(fields.where, `has media type ${quoted(type)}, which is not that of ${kind}`, { found: type });
  return type;
}

/** Throws `limit-exceeded` when a document lists more than `limits.descriptors` descriptors. */
export function checkFanOut(count: number, where: string, limits: Limits): void {
  if (count <= limits.descriptors) return;
  throw new ImgkitError(
    'limit-exceeded',
    `${where}: lists ${count} descriptors, more than the ${limits.descriptors} allowed; raise the limit descriptors if you trust its source.`,
    { entry: where, expected: `<= ${limits.descriptors}`, found: String(count) },
  );
}

function schema1(where: string): ImgkitError {
  return malformed(where, 'is a Docker schema 1 manifest, a form retired in 2017 that imgkit does not read: pull and save the image with a current Docker, or else');
}
