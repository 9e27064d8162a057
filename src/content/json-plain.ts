import type { JsonValue } from './json.js';

/** A parsed document as plain JavaScript values; objects have no prototype, so that a key like `__proto__` is only a key. */
export function plainJson(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map((item: JsonValue) => plainJson(item));
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of value) object[key] = plainJson(member);
  return object;
}
