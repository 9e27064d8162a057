import type { Descriptor, Platform } from '../content/descriptor.js';
import { digestOf, type Digest } from '../content/digest.js';
import type { JsonObject, JsonValue } from '../content/json.js';
import { stringifyCanonical } from '../content/json-write.js';
import type { ImageConfig } from './config.js';
import { mapOf, withField } from './container-json.js';
import type { Manifest } from './manifest.js';
import { encodeManifest } from './manifest-json.js';
import {
  isConfigType, isEncrypted, isNonDistributable, layerCompression, layerTypeFor, mediaFamily, OCI_CONFIG, OCI_MANIFEST, OCI_NONDISTRIBUTABLE, type MediaFamily,
} from './media-type.js';

/** An image in the making. Immutable: every `with...` gives a new one. */
export interface ImageDraft {
  /** The whole config; `rootfs.diff_ids` and `history` are written from the fields below. */
  readonly config: JsonObject;
  readonly manifest: Pick<Manifest, 'mediaType' | 'annotations' | 'artifactType' | 'subject'>;
  readonly configType: string;
  readonly layers: readonly DraftLayer[];
  readonly history: readonly JsonValue[];
}

/** A layer as it is stored, and the digest of its uncompressed bytes. */
export interface DraftLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** One step of a history as it is written; empty fields are left out. */
export interface HistoryStep {
  readonly created?: string | undefined;
  readonly createdBy?: string | undefined;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  readonly emptyLayer?: boolean | undefined;
}

/** A document, and the descriptor that names it. */
export interface EncodedDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The draft that, unchanged, says what the image says. */
export function draftFrom(manifest: Manifest, config: ImageConfig): ImageDraft {
  return {
    config: config.raw,
    manifest,
    configType: isConfigType(manifest.config.mediaType) ? manifest.config.mediaType : OCI_CONFIG,
    layers: manifest.layers.map((descriptor, i) => ({ descriptor, diffId: config.diffIds[i] as Digest })),
    history: historyOf(config.raw),
  };
}

/** An image without layers, for `platform`. */
export function emptyDraft({ os, architecture, variant, 'os.version': build }: Platform): ImageDraft {
  const config = new Map<string, JsonValue>([['architecture', architecture]]);
  if (variant !== undefined) config.set('variant', variant);
  config.set('os', os);
  if (build !== undefined) config.set('os.version', build);
  config.set('config', new Map());
  return { config, manifest: { mediaType: OCI_MANIFEST, annotations: new Map() }, configType: OCI_CONFIG, layers: [], history: [] };
}

/** `draft` with a layer on top, and the step that made it. */
export function withLayer(draft: ImageDraft, layer: DraftLayer, step: HistoryStep): ImageDraft {
  return { ...draft, layers: [...draft.layers, layer], history: [...fullHistory(draft), stepJson(step)] };
}

/** `draft` with a step that made no layer. */
export function withStep(draft: ImageDraft, step: HistoryStep): ImageDraft {
  return { ...draft, history: [...fullHistory(draft), stepJson({ ...step, emptyLayer: true })] };
}

/** The history, with a step that says nothing for each layer when there is none: steps must be as many as layers. */
export function fullHistory({ history, layers }: Pick<ImageDraft, 'history' | 'layers'>): readonly JsonValue[] {
  return history.length === 0 ? layers.map(() => stepJson({})) : history;
}

/** `draft` with a field of its config set, or removed. */
export function withConfigField(draft: ImageDraft, field: string, value: JsonValue | undefined): ImageDraft {
  return { ...draft, config: withField(draft.config, field, value) };
}

/** `draft` with its container config (`config`) changed by `change`. */
export function withContainer(draft: ImageDraft, change: (container: JsonObject) => JsonObject): ImageDraft {
  return withConfigField(draft, 'config', change(containerOf(draft.config)));
}

/** The `config` object of an image config; empty when it has none. */
export function containerOf(config: JsonObject): JsonObject {
  return mapOf(config, 'config');
}

/** The media types that a new layer of `draft` gets: the draft's own, but Docker's have no zstd. */
export function draftFamily(draft: ImageDraft): MediaFamily {
  return mediaFamily(draft.manifest.mediaType) ?? 'oci';
}

/** `draft` with OCI media types throughout; no byte of its layers changes. */
export function toOciTypes(draft: ImageDraft): ImageDraft {
  const types = [draft.manifest.mediaType, draft.configType, ...draft.layers.map(({ descriptor }) => descriptor.mediaType)];
  if (types.every((type) => mediaFamily(type) === 'oci')) return draft;
  const layers = draft.layers.map(({ descriptor, diffId }) => ({ descriptor: { ...descriptor, mediaType: ociLayerType(descriptor.mediaType) }, diffId }));
  return { ...draft, manifest: { ...draft.manifest, mediaType: OCI_MANIFEST }, configType: OCI_CONFIG, layers };
}

function ociLayerType(mediaType: string): string {
  const compression = layerCompression(mediaType);
  if (compression === undefined || isEncrypted(mediaType)) return mediaType;
  if (isNonDistributable(mediaType)) return compression === 'none' ? OCI_NONDISTRIBUTABLE : `${OCI_NONDISTRIBUTABLE}+${compression}`;
  return layerTypeFor('oci', compression);
}

/** Config and manifest of `draft` as bytes. The same draft always gives the same bytes. */
export function encodeDraft(draft: ImageDraft): { readonly config: EncodedDocument; readonly manifest: EncodedDocument } {
  const { layers, history, manifest } = draft;
  const fields = new Map(draft.config);
  if (history.length > 0) fields.set('history', history);
  else fields.delete('history');
  fields.set('rootfs', new Map<string, JsonValue>([['type', 'layers'], ['diff_ids', layers.map(({ diffId }) => diffId)]]));
  const configBytes = Buffer.from(stringifyCanonical(fields), 'utf8');
  const config = named(configBytes, draft.configType);
  const manifestBytes = encodeManifest({ ...manifest, config: config.descriptor, layers: layers.map(({ descriptor }) => descriptor) });
  return { config, manifest: named(manifestBytes, manifest.mediaType) };
}

function named(bytes: Uint8Array, mediaType: string): EncodedDocument {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function historyOf(config: JsonObject): readonly JsonValue[] {
  const history = config.get('history');
  return Array.isArray(history) ? history : [];
}

function stepJson({ created, createdBy, author, comment, emptyLayer }: HistoryStep): JsonObject {
  const fields: (readonly [string, JsonValue | undefined])[] = [
    ['created', created], ['created_by', createdBy], ['author', author], ['comment', comment], ['empty_layer', emptyLayer || undefined],
  ];
  return new Map(fields.filter((field): field is readonly [string, JsonValue] => field[1] !== undefined && field[1] !== ''));
}
