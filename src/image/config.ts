import { parseDigest, type Digest } from '../content/digest.js';
import { checkDocumentSize, malformed, quoted } from '../content/json-error.js';
import { parseJson, type JsonObject, type JsonValue } from '../content/json.js';
import { record } from '../content/json-record.js';
import type { Limits } from '../limits.js';
import { readContainerConfig, type ContainerConfig } from './container-config.js';

/** One step of an image's history, oldest first. */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly emptyLayer: boolean;
}

/** An image config (OCI image spec, config.md). Immutable. */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  /** Empty when the config does not say, which old builders got away with. */
  readonly os: string;
  /** Empty when the config does not say. */
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  /** Digests of the uncompressed layers, base first. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly config: ContainerConfig;
  /** The whole document, with every field this library has no name for. */
  readonly raw: JsonObject;
}

const FIELDS = [
  'created', 'author', 'os', 'architecture', 'variant', 'os.version', 'os.features', 'rootfs', 'history', 'config',
] as const;
const HISTORY_FIELDS = ['created', 'created_by', 'author', 'comment', 'empty_layer'] as const;

/**
 * Parses an image config of either family. Verifies strict JSON, the type of every field it knows, `rootfs.type` and the
 * syntax of every diffID; Docker's other fields (container_config, docker_version, ...) are ignored. Whether the counts
 * fit is for `checkCounts`. Throws `document-malformed`, `digest-malformed` or `limit-exceeded`, naming `where`.
 */
export function parseConfig(bytes: Uint8Array, where: string, limits: Limits): ImageConfig {
  checkDocumentSize(bytes, limits.configBytes, where, 'configBytes');
  const fields = record(parseJson(bytes, where, limits), where, FIELDS);
  const rootfs = fields.record('rootfs', ['type', 'diff_ids']);
  const type = rootfs.optionalString('type') ?? 'layers';
  if (type !== 'layers') throw malformed(where, `has rootfs.type ${quoted(type)}, must be "layers"`, { expected: 'layers', found: type });
  const created = fields.optionalString('created');
  const author = fields.optionalString('author');
  const variant = fields.optionalString('variant');
  const version = fields.optionalString('os.version');
  const features = fields.optionalStrings('os.features');
  return {
    ...(created && { created }),
    ...(author && { author }),
    os: fields.optionalString('os') ?? '',
    architecture: fields.optionalString('architecture') ?? '',
    ...(variant && { variant }),
    ...(version && { 'os.version': version }),
    ...(features && { 'os.features': features }),
    diffIds: rootfs.array('diff_ids').map((value, i) => parseDigest(value, `${where}, rootfs.diff_ids[${i}]`)),
    history: fields.array('history').map((value, i) => readHistoryEntry(value, `${where}, history[${i}]`)),
    config: readContainerConfig(fields.value('config'), `${where}, config`),
    raw: fields.members,
  };
}

function readHistoryEntry(value: JsonValue, where: string): HistoryEntry {
  const fields = record(value, where, HISTORY_FIELDS);
  const created = fields.optionalString('created');
  const createdBy = fields.optionalString('created_by');
  const author = fields.optionalString('author');
  const comment = fields.optionalString('comment');
  return {
    ...(created && { created }),
    ...(createdBy && { createdBy }),
    ...(author && { author }),
    ...(comment && { comment }),
    emptyLayer: fields.optionalBoolean('empty_layer') ?? false,
  };
}
