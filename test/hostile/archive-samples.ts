import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { bodyOf, image, layer, pack, replace, type BuiltDocument, type Json, type Part } from '../helpers/image-builder.js';

// The valid archives that the cases bend.
export const APP = image('app');
export const OTHER = image('other');
export const PLAIN = image('plain', { layers: [layer('base'), layer('plain')] });
export const OCI = ociParts([named(APP, 'app:1')]);
export const HYBRID = hybridParts([named(APP, 'app:1')]);
export const DOCKER = dockerParts('skopeo', [named(PLAIN, 'plain:1')]);

/** An OCI archive of these documents, the first named `app:1`. */
export function oci(first: BuiltDocument, ...others: readonly BuiltDocument[]): Uint8Array {
  return pack(ociParts([named(first, 'app:1'), ...others.map((document) => named(document))]));
}

/** A valid archive with another body at `path`. */
export function bent(parts: readonly Part[], path: string, bend: (text: string) => string | Uint8Array): Uint8Array {
  return pack(replace(parts, path, bend(bodyOf(parts, path).toString())));
}

/** A valid archive whose JSON document at `path` is changed. */
export function bentJson(parts: readonly Part[], path: string, bend: (value: Json) => unknown): Uint8Array {
  return bent(parts, path, (text) => JSON.stringify(bend(JSON.parse(text) as Json)));
}

/** `app:1` with another manifest, digests right. */
export function withManifest(bend: (manifest: Json) => Json | string): Uint8Array {
  return oci(image('app', { manifest: bend }));
}

/** `app:1` with another config, digests right. */
export function withConfig(bend: (config: Json) => Json | string): Uint8Array {
  return oci(image('app', { config: bend }));
}

/** A JSON text with `extra` put behind its first brace. */
export function inject(value: Json, extra: string): string {
  return JSON.stringify(value).replace('{', `{${extra},`);
}
