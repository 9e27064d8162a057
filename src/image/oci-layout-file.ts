import { parseJson } from '../content/json.js';
import { checkDocumentSize, malformed, quoted } from '../content/json-error.js';
import { record } from '../content/json-record.js';
import type { Limits } from '../limits.js';

/**
 * Checks the file `oci-layout` that marks an OCI layout (OCI image spec, image-layout.md): any version 1.
 * Throws `document-malformed`.
 */
export function checkLayoutFile(bytes: Uint8Array, limits: Limits, where = 'oci-layout'): void {
  checkDocumentSize(bytes, limits.documentBytes, where, 'documentBytes');
  const version = record(parseJson(bytes, where, limits), where, ['imageLayoutVersion']).string('imageLayoutVersion');
  if (!/^1\.\d+\.\d+$/.test(version)) throw malformed(where, `has imageLayoutVersion ${quoted(version)}, must be 1.0.0`, { expected: '1.0.0', found: version });
}
