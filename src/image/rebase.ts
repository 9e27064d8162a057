import { counted } from '../content/counted.js';
import type { JsonObject, JsonValue } from '../content/json.js';
import { stringifyCanonical } from '../content/json-write.js';
import { ImgkitError } from '../errors.js';
import { mapOf, stringsOf } from './container-json.js';
import { containerOf, fullHistory, withConfigField, type ImageDraft } from './derive.js';

/** Fields of the config that belong to the base. */
const PLATFORM = ['architecture', 'os', 'variant', 'os.version', 'os.features'] as const;
const MAPS = ['Labels', 'ExposedPorts', 'Volumes'] as const;

/**
 * `image` on `newBase` instead of `oldBase`: the layers, history and platform of the new base, then what the image added. Of
 * the container config, what the image itself set stays; what it had from the old base comes from the new one, variable by
 * variable and label by label. Throws `base-mismatch` unless the old base's layers are the image's first.
 */
export function rebaseDraft(image: ImageDraft, oldBase: ImageDraft, newBase: ImageDraft): ImageDraft {
  requirePrefix(image, oldBase);
  const container = mergeContainers(containerOf(image.config), containerOf(oldBase.config), containerOf(newBase.config));
  let draft: ImageDraft = {
    ...image,
    layers: [...newBase.layers, ...image.layers.slice(oldBase.layers.length)],
    history: [...fullHistory(newBase), ...addedHistory(image, oldBase)],
  };
  for (const field of PLATFORM) draft = withConfigField(draft, field, newBase.config.get(field));
  return withConfigField(draft, 'config', container);
}

function requirePrefix(image: ImageDraft, oldBase: ImageDraft): void {
  const at = oldBase.layers.findIndex(({ diffId }, i) => image.layers[i]?.diffId !== diffId);
  if (at === -1) return;
  const expected = oldBase.layers[at]?.diffId;
  const found = image.layers[at]?.diffId;
  const what = found === undefined ? `the image has ${counted(image.layers.length, 'layer')}, the old base ${oldBase.layers.length}` : `layer ${at + 1} is ${found}, in the old base ${String(expected)}`;
  throw new ImgkitError('base-mismatch', `The image is not based on the old base: ${what}; name the base it was built on.`, { expected, found });
}

/** The steps behind those of the old base. */
function addedHistory(image: ImageDraft, oldBase: ImageDraft): readonly JsonValue[] {
  const steps = fullHistory(image);
  const made = oldBase.layers.length;
  const count = (list: readonly JsonValue[]): number => list.filter((step) => !(step instanceof Map && (step as JsonObject).get('empty_layer') === true)).length;
  const known = fullHistory(oldBase).length;
  if (count(steps.slice(0, known)) === made) return steps.slice(known);
  let at = 0;
  while (at < steps.length && count(steps.slice(0, at)) < made) at++;
  return steps.slice(at);
}

function mergeContainers(image: JsonObject, old: JsonObject, next: JsonObject): JsonObject {
  const merged = new Map<string, JsonValue>();
  for (const field of new Set([...image.keys(), ...next.keys()])) {
    const value = field === 'Env' ? mergeEnv(image, old, next)
      : MAPS.some((map) => map === field) ? mergeMaps(mapOf(image, field), mapOf(old, field), mapOf(next, field))
        : same(image.get(field), old.get(field)) ? next.get(field) : image.get(field);
    if (value !== undefined) merged.set(field, value);
  }
  return merged;
}

function mergeEnv(image: JsonObject, old: JsonObject, next: JsonObject): JsonValue {
  const parse = (container: JsonObject): JsonObject => new Map(stringsOf(container, 'Env').map((each): [string, string] => {
    const at = each.indexOf('=');
    return at === -1 ? [each, ''] : [each.slice(0, at), each.slice(at + 1)];
  }));
  return [...mergeMaps(parse(image), parse(old), parse(next))].map(([name, value]) => `${name}=${String(value)}`);
}

/** The new base's entries, those that the image changed with its value, without those that it removed; then its own. */
function mergeMaps(image: JsonObject, old: JsonObject, next: JsonObject): JsonObject {
  const merged = new Map<string, JsonValue>();
  for (const [key, value] of next) {
    if (old.has(key) && !image.has(key)) continue;
    const own = image.get(key);
    merged.set(key, own === undefined || same(own, old.get(key)) ? value : own);
  }
  for (const [key, value] of image) if (!merged.has(key) && !same(value, old.get(key))) merged.set(key, value);
  return merged;
}

function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return stringifyCanonical(a ?? null) === stringifyCanonical(b ?? null);
}
