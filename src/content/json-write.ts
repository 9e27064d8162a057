/** What {@link stringifyCanonical} writes: literals of ours, and Maps for keys that come from input. */
export type JsonWritable =
  | null | boolean | number | string | readonly JsonWritable[] | ReadonlyMap<string, JsonWritable>
  | { readonly [key: string]: JsonWritable | undefined };

/**
 * Compact JSON with the keys of every object and Map in the order given, so that the same value always gives the same bytes.
 * Members that are `undefined` are left out. Throws TypeError for a number JSON cannot hold.
 */
export function stringifyCanonical(value: JsonWritable): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(stringifyCanonical).join(',')}]`;
  const members: string[] = [];
  for (const [key, member] of value instanceof Map ? value : Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${stringifyCanonical(member as JsonWritable)}`);
  }
  return `{${members.join(',')}}`;
}

function isList(value: object): value is readonly JsonWritable[] {
  return Array.isArray(value);
}
