/** `map`, which `JSON.stringify` shows as an object of its entries: of a plain Map it shows `{}`, and who logs a result would miss them. */
export function printableMap(map: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return Object.defineProperty(new Map(map), 'toJSON', { value: () => Object.fromEntries(map) });
}
