import type { JsonObject, JsonValue } from '../content/json.js';

/**
 * `container`, an image config or the `config` object in it, with `field` set to `value`, or without it. Fields that this
 * library has no name for stay, and so does the order of all.
 */
export function withField(container: JsonObject, field: string, value: JsonValue | undefined): JsonObject {
  const changed = new Map(container);
  if (value === undefined) changed.delete(field);
  else changed.set(field, value);
  return changed;
}

/** The strings of a list field; none when it is missing. */
export function stringsOf(container: JsonObject, field: string): readonly string[] {
  const value = container.get(field);
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** The object in a field; empty when it is missing. */
export function mapOf(container: JsonObject, field: string): JsonObject {
  const value = container.get(field);
  return value instanceof Map ? (value as JsonObject) : new Map();
}

/** `container` with the variable set: in its old place, or behind the others. */
export function withVariable(container: JsonObject, name: string, value: string): JsonObject {
  const env = [...stringsOf(container, 'Env')];
  const at = env.findIndex((each) => each.startsWith(`${name}=`) || each === name);
  env.splice(at === -1 ? env.length : at, at === -1 ? 0 : 1, `${name}=${value}`);
  return withField(container, 'Env', env);
}

/** The value of a variable in `Env`; undefined when it is not set. */
export function variableOf(container: JsonObject, name: string): string | undefined {
  return stringsOf(container, 'Env').find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** `container` with entries added to a map field (`Labels`, `ExposedPorts`, `Volumes`); its keys are sorted, as Go writes them. */
export function withEntries(container: JsonObject, field: string, entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  const merged = new Map<string, JsonValue>([...mapOf(container, field), ...entries]);
  return withField(container, field, new Map([...merged].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
}
