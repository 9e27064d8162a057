import { beginWork } from '../content/begin-work.js';
import { keepQuiet } from '../content/idle-stream.js';
import { ImgkitError } from '../errors.js';
import type { WorkOptions } from '../progress.js';
import { isObject, type Kind, type Shape, type ShapeName } from './option-kinds.js';
import { OPTIONS } from './option-shapes.js';

/** A kind for every option of `T` that {@link OPTIONS} does not know, or knows otherwise: without it, a new option does not compile. */
export type OwnShape<T> = { readonly [K in Exclude<ShapeName<T>, keyof typeof OPTIONS>]: Kind } & { readonly [K in ShapeName<T> & keyof typeof OPTIONS]?: Kind };

/** What every call of the facade does first: throws as {@link checkOptions}, and `interrupted` where that was asked for before it began. */
export function beginCall<T extends WorkOptions>(options: T, own: OwnShape<T>): void {
  checkOptions(options, own);
  const { stdin, stdout } = options as { readonly stdin?: object | undefined; readonly stdout?: object | undefined };
  keepQuiet(stdin);
  keepQuiet(stdout);
  beginWork(options.signal);
}

/**
 * Throws `usage` when options are not what the types say, which nobody tells a program in JavaScript. A misspelt name would be believed
 * to be heard: with `admision` everything gets in. `own` are the options that this call needs, or has in a way of its own.
 */
export function checkOptions<T>(options: T, own: OwnShape<T>): void {
  if (!isObject(options)) throw new ImgkitError('usage', `The options of a call must be an object, not ${shown(options)}.`);
  check(options, { ...OPTIONS, ...own }, '');
}

function check(given: Readonly<Record<string, unknown>>, shape: Shape, within: string): void {
  const known = new Map(Object.entries(shape).map(([key, kind]) => [key.replace(/\?$/, ''), { kind, needed: !key.endsWith('?') }]));
  for (const name of Object.keys(given)) {
    if (known.has(name) || given[name] === undefined) continue;
    // What is like none of them belongs to the caller, who hands over an object with more in it.
    const meant = [...known.keys()].find((each) => name.length > 2 && isOneSlip(name.toLowerCase(), each.toLowerCase()));
    if (meant !== undefined) throw new ImgkitError('usage', `There is no option ${JSON.stringify(within + name)}; did you mean ${within}${meant}?`, { found: name });
  }
  for (const [name, { kind, needed }] of known) {
    const value = given[name];
    if (value === undefined && !needed) continue;
    if (!kind.fits(value)) throw new ImgkitError('usage', `The option ${within}${name} must be ${kind.what}, not ${kind.words === true && typeof value === 'string' ? JSON.stringify(value) : shown(value)}.`, { found: name });
    if (kind.shape !== undefined && isObject(value)) check(value, kind.shape, `${within}${name}.`);
  }
}

/** A value of the wrong kind as a person would call it. A string may be a secret in the wrong place. */
function shown(value: unknown): string {
  if (value === '') return 'empty';
  if ([value].flat().some((each) => typeof each === 'string' && each.includes('\0'))) return 'one with a NUL character in it';
  if (Array.isArray(value)) return value.includes(undefined) ? 'an array with undefined in it' : 'this array';
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return value instanceof Date ? 'an invalid one' : 'this object';
  return `a ${typeof value}`;
}

/** Whether one letter more, less or other, or two that changed places, make one word of the other. */
function isOneSlip(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let [restA, restB] = [a.slice(start), b.slice(start)];
  while (restA !== '' && restA.at(-1) === restB.at(-1)) [restA, restB] = [restA.slice(0, -1), restB.slice(0, -1)];
  return (restA.length <= 1 && restB.length <= 1) || (restA.length === 2 && restA === [...restB].toReversed().join(''));
}
