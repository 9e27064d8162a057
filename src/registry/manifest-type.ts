import { parseJson, type JsonObject } from '../content/json.js';
import { isIndexType, isManifestType, isSchema1Type, OCI_INDEX, OCI_MANIFEST } from '../image/media-type.js';
import type { Limits } from '../limits.js';

/**
 * The media type of a manifest whose registry does not tell it, as one of static files: what the document calls itself, and not what one of its
 * parts is called; else by its shape, as only the OCI forms may leave it out. Undefined for what is no manifest.
 */
export function manifestTypeOf(bytes: Uint8Array, limits: Limits): string | undefined {
  const document = read(bytes, limits);
  const own = document?.get('mediaType') || undefined;
  if (typeof own === 'string') return isIndexType(own) || isManifestType(own) || isSchema1Type(own) ? own : undefined;
  if (document === undefined || own !== undefined) return undefined;
  if (document.get('schemaVersion') === 1 && document.has('fsLayers')) return SCHEMA1;
  // What has both is refused by either's reader.
  if (Array.isArray(document.get('manifests'))) return OCI_INDEX;
  return document.get('config') instanceof Map ? OCI_MANIFEST : undefined;
}

const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+json';

function read(bytes: Uint8Array, limits: Limits): JsonObject | undefined {
  try {
    const value = parseJson(bytes, 'manifest', limits);
    return value instanceof Map ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
