/** What the value of an option can be. */
export interface Kind {
  /** As in "must be a string". */
  readonly what: string;
  readonly fits: (value: unknown) => boolean;
  /** What the values in it can be. */
  readonly shape?: Shape | undefined;
  /** True where it is one of a few words: a wrong one is no secret. */
  readonly words?: true;
}

/** Options by their names; `name?` for one that need not be there. */
export type Shape = Readonly<Record<string, Kind>>;

/** The options of `T` by the names that they have in a {@link Shape}. */
export type ShapeName<T> = keyof { [K in keyof T & string as object extends Pick<T, K> ? `${K}?` : K]: K };
/** A kind for every option of `T`, and for nothing else: what has none would pass unchecked. */
export type ShapeOf<T> = Readonly<Record<ShapeName<T>, Kind>>;

export const TEXT: Kind = { what: 'a string', fits: (value) => typeof value === 'string' };
/** Of a file or folder: nothing is written to the present folder because a variable was empty. */
export const PATH: Kind = { what: 'a path', fits: (value) => value !== '' && isName(value) };
export const TEXTS: Kind = { what: 'an array of strings', fits: (value) => Array.isArray(value) && Array.from(value, isName).every(Boolean) };
export const FLAG: Kind = { what: 'true or false', fits: (value) => typeof value === 'boolean' };
export const COUNT: Kind = { what: 'a number that is not negative', fits: (value) => typeof value === 'number' && value >= 0 };
/** How hard to compress: as high as zstd goes; gzip ends before. */
export const LEVEL: Kind = { what: 'a whole number from 1 to 22, or "fast"', fits: (value) => value === 'fast' || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 22) };
export const LISTENER: Kind = { what: 'a function', fits: (value) => typeof value === 'function' };
/** An invalid one is before and after nothing: certificates would never expire. */
export const DATE: Kind = { what: 'a valid Date', fits: (value) => isA<Date>(value, 'Date') && !Number.isNaN(value.getTime()) };
export const MAP: Kind = { what: 'a Map of strings', fits: (value) => isA<ReadonlyMap<unknown, unknown>>(value, 'Map') && [...value].flat().every(TEXT.fits) };
/** By what they can do: test runners and libraries have classes of their own. */
export const SIGNAL: Kind = { what: 'an AbortSignal', fits: (value) => typeof field(value, 'aborted') === 'boolean' && typeof field(value, 'addEventListener') === 'function' };
export const INPUT: Kind = { what: 'a stream or another async iterable of bytes', fits: (value) => typeof field(value, Symbol.asyncIterator) === 'function' };
export const OUTPUT: Kind = { what: 'a writable stream', fits: (value) => typeof field(value, 'write') === 'function' };

export function oneOf(...words: readonly string[]): Kind {
  return { words: true, what: `one of ${words.join(', ')}`, fits: (value) => words.includes(value as string) };
}

export function listOf(...words: readonly string[]): Kind {
  return { what: `an array of ${words.join(', ')}`, fits: (value) => Array.isArray(value) && Array.from(value, (each) => words.includes(each as string)).every(Boolean) };
}

export function either(first: Kind, second: Kind): Kind {
  return { what: `${first.what} or ${second.what}`, fits: (value) => first.fits(value) || second.fits(value), shape: first.shape ?? second.shape };
}

export function object(shape: Shape): Kind {
  return { what: 'an object', fits: isObject, shape };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of whatever realm, without `node:util`, which would cost every command a millisecond. */
function isA<T>(value: unknown, name: string): value is T {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

/** Nothing that has a name has a NUL in it; Node throws an error without a code of ours for such a path. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

function field(value: unknown, name: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined;
}
