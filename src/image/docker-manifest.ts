import type { Descriptor } from '../content/descriptor.js';
import { checkDocumentSize, malformed } from '../content/json-error.js';
import { parseJson, type JsonValue } from '../content/json.js';
import { record } from '../content/json-record.js';
import type { Limits } from '../limits.js';
import { readDescriptor } from './descriptor-json.js';
import { checkFanOut } from './document.js';
import { isImageId } from './reference.js';

/** One image of a docker-archive's `manifest.json`. Paths are as written, without `./` before them: entries of the archive, to be looked up, never opened. */
export interface DockerManifestItem {
  readonly config: string;
  /** Without image IDs, which are no names. */
  readonly repoTags: readonly string[];
  readonly layers: readonly string[];
  /** What the layers were before `docker save`; keyed by diffID by some writers, by digest by others. */
  readonly layerSources?: ReadonlyMap<string, Descriptor>;
}

/**
 * Parses `manifest.json` of a docker-archive (moby, image/tarexport). Null lists are empty, and so is a null document.
 * Throws `document-malformed` or `limit-exceeded`, naming `where`.
 */
export function parseDockerManifest(bytes: Uint8Array, where: string, limits: Limits): readonly DockerManifestItem[] {
  checkDocumentSize(bytes, limits.documentBytes, where, 'documentBytes');
  const items = parseJson(bytes, where, limits) ?? [];
  if (!isList(items)) throw malformed(where, 'must be a list of images');
  checkFanOut(items.length, where, limits);
  return items.map((value, i) => readItem(value, `${where}, image ${i}`, limits));
}

function readItem(value: JsonValue, where: string, limits: Limits): DockerManifestItem {
  const fields = record(value, where, ['Config', 'RepoTags', 'Layers', 'LayerSources', 'Parent']);
  const layers = fields.strings('Layers').map(withoutDot);
  checkFanOut(layers.length, where, limits);
  const config = withoutDot(fields.string('Config'));
  if (config === '' || layers.includes('')) throw malformed(where, 'names a file with an empty path');
  const sources = fields.optionalMap('LayerSources');
  return {
    config,
    // containerd lists the images of a Kubernetes node under their IDs as well, and exports that.
    repoTags: fields.strings('RepoTags').filter((tag) => !isImageId(tag)),
    layers,
    ...(sources && {
      layerSources: new Map([...sources].map(([key, source]) => [key, readDescriptor(source, `${where}, LayerSources`)])),
    }),
  };
}

/** Who packs a folder with `tar -c .` may name its files so too; Docker reads it, and entries are known without it. */
function withoutDot(path: string): string {
  return path.replace(/^(?:\.\/+)+/, '');
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
