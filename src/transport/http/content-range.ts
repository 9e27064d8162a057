/** `Content-Range: bytes first-last/total`; `total` is undefined for `*`. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  readonly total: number | undefined;
}

/** Reads the header of a 206 answer (RFC 9110, section 14.4); undefined when it is absent, malformed or contradicts itself. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const [, first = '', last = '', size = ''] = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(text ?? '') ?? [];
  const range = { first: Number(first), last: Number(last), total: size === '*' ? undefined : Number(size) };
  if (first === '' || range.last < range.first || (range.total !== undefined && range.last >= range.total)) return undefined;
  return range;
}

/** The size of the file by the header of a 416 answer (`bytes` and a star for the range). */
export function parseUnsatisfiedRange(text: string | undefined): number | undefined {
  const [, size] = /^bytes \*\/(\d{1,16})$/i.exec(text ?? '') ?? [];
  return size === undefined ? undefined : Number(size);
}
