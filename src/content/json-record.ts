import { parseDigest, type Digest } from './digest.js';
import type { JsonObject, JsonValue } from './json.js';
import { malformed, quoted } from './json-error.js';

/**
 * Typed access to one JSON object of a known schema. `K` are its known fields. A field that is missing and one that is
 * null are the same: Go writes null for empty slices and maps. Every getter throws `document-malformed` on a wrong type.
 */
export class JsonRecord<K extends string> {
  readonly where: string;
  readonly members: JsonObject;

  constructor(where: string, members: JsonObject) {
    this.where = where;
    this.members = members;
  }

  /** True when the field is there and not null. */
  has(field: K): boolean {
    return this.value(field) !== undefined;
  }

  /** The raw value, undefined when missing or null. */
  value(field: K): JsonValue | undefined {
    return this.members.get(field) ?? undefined;
  }

  string(field: K): string {
    return this.optionalString(field) ?? this.#missing(field);
  }

  optionalString(field: K): string | undefined {
    const value = this.value(field);
    return value === undefined || typeof value === 'string' ? value : this.#wrong(field, 'a string');
  }

  /** A safe, non-negative integer: nothing fractional, negative (also -0) or above 2^53 - 1. */
  integer(field: K): number {
    return this.optionalInteger(field) ?? this.#missing(field);
  }

  optionalInteger(field: K): number | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) return value;
    return this.#wrong(field, 'a whole number from 0 to 2^53 - 1');
  }

  optionalBoolean(field: K): boolean | undefined {
    const value = this.value(field);
    return value === undefined || typeof value === 'boolean' ? value : this.#wrong(field, 'true or false');
  }

  /** A digest; one of wrong syntax throws `digest-malformed`. */
  digest(field: K): Digest {
    return parseDigest(this.string(field), `${this.where}, field ${field}`);
  }

  /** A list; missing is empty. */
  array(field: K): readonly JsonValue[] {
    const value = this.value(field) ?? [];
    return isArray(value) ? value : this.#wrong(field, 'a list');
  }

  /** A list of strings, undefined when missing. */
  optionalStrings(field: K): readonly string[] | undefined {
    return this.has(field) ? this.strings(field) : undefined;
  }

  /** A list of strings; missing is empty. */
  strings(field: K): readonly string[] {
    const values = this.array(field);
    for (const value of values) if (typeof value !== 'string') this.#wrong(field, 'a list of strings');
    return values as readonly string[];
  }

  /** A free-form map (annotations, Labels): its keys may differ by case alone. Missing is undefined. */
  optionalStringMap(field: K): ReadonlyMap<string, string> | undefined {
    const map = this.optionalMap(field);
    if (map === undefined) return undefined;
    for (const value of map.values()) if (typeof value !== 'string') this.#wrong(field, 'a map of strings');
    return map as ReadonlyMap<string, string>;
  }

  /** A free-form map; missing is empty. */
  stringMap(field: K): ReadonlyMap<string, string> {
    return this.optionalStringMap(field) ?? new Map();
  }

  /** A free-form map of anything. */
  optionalMap(field: K): JsonObject | undefined {
    const value = this.value(field);
    return value === undefined || value instanceof Map ? value : this.#wrong(field, 'an object');
  }

  /** A nested object with a schema of its own. */
  record<N extends string>(field: K, known: readonly N[]): JsonRecord<N> {
    return this.optionalRecord(field, known) ?? this.#missing(field);
  }

  optionalRecord<N extends string>(field: K, known: readonly N[]): JsonRecord<N> | undefined {
    const value = this.value(field);
    return value === undefined ? undefined : record(value, `${this.where}, field ${field}`, known);
  }

  #missing(field: K): never {
    throw malformed(this.where, `has no field ${field}`);
  }

  #wrong(field: K, expected: string): never {
    const found = quoted(this.value(field));
    throw malformed(this.where, `field ${field} must be ${expected}, but is ${found}`, { expected, found });
  }
}

/**
 * `value` as an object with the schema fields `known`. Other keys are legal and ignored, except those that equal a known
 * field in everything but case: Go's decoder takes them for the field, other readers do not, so two readers would see
 * two documents. Throws `document-malformed`.
 */
export function record<K extends string>(value: JsonValue, where: string, known: readonly K[]): JsonRecord<K> {
  if (!(value instanceof Map)) throw malformed(where, `must be an object, but is ${quoted(value)}`);
  const members: JsonObject = value;
  const exact: ReadonlySet<string> = new Set(known);
  const folded = new Map(known.map(field => [fold(field), field]));
  for (const key of members.keys()) {
    const field = exact.has(key) ? undefined : folded.get(fold(key));
    if (field !== undefined) {
      throw malformed(where, `has a key ${quoted(key)} that differs from the field ${field} only by case, so readers disagree about it`, { expected: field, found: key });
    }
  }
  return new JsonRecord(where, members);
}

/** As Go folds: upper first, so that U+017F becomes S, then lower, so that U+212A becomes k. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
