import { ImgkitError } from '../errors.js';
import type { Root } from '../image/image-source.js';
import { normalised } from '../image/index-names.js';
import { familiarName, fullReference, parseReference } from '../image/reference.js';

const DIGEST_PREFIX = /^(?:(?:sha256|sha512):[a-f0-9]+|[a-f0-9]{12,128})$/;
const NEAR_NAMES = 5;

/**
 * The root that `selector` means: a name (`app`, `docker.io/library/app:1.9.6`), a name with a digest, or the start of a digest
 * (`sha256:9f86...`, or 12 hexadecimal digits and more, unless an image has that very name).
 * Throws `image-not-found`, listing near names, `image-ambiguous`, `reference-invalid`.
 */
export function findRoot(roots: readonly Root[], selector: string): Root {
  const prefix = DIGEST_PREFIX.test(selector) ? selector : undefined;
  if (prefix === undefined || !(prefix.includes(':') || prefix.length === 64)) {
    const named = byName(roots, selector);
    if (named !== undefined) return named;
  }
  if (prefix !== undefined) return byDigest(roots, prefix);
  throw notFound(roots, selector);
}

function byName(roots: readonly Root[], selector: string): Root | undefined {
  const full = fullReference(selector);
  const { digest } = parseReference(full);
  if (digest !== undefined) return roots.find((root) => root.descriptor.digest === digest);
  return roots.find(({ names }) => names.includes(full));
}

function byDigest(roots: readonly Root[], prefix: string): Root {
  const found = roots.filter(({ descriptor: { digest } }) => (prefix.includes(':') ? digest : digest.slice(7)).startsWith(prefix));
  const [first, second] = found;
  if (first === undefined) throw notFound(roots, prefix);
  if (second === undefined) return first;
  const listed = found.slice(0, NEAR_NAMES).map(({ descriptor, names }) => `${descriptor.digest.slice(0, 31)} (${names[0] === undefined ? 'no name' : shown(names[0])})`);
  throw new ImgkitError('image-ambiguous', `${prefix} is the start of ${String(found.length)} images: ${listed.join(', ')}; give more digits.`, { entry: prefix });
}

function notFound(roots: readonly Root[], selector: string): ImgkitError {
  const theirs = roots.find(({ refName }) => refName !== undefined && isSame(refName, selector));
  if (theirs !== undefined) {
    const { digest } = theirs.descriptor;
    throw new ImgkitError('image-not-found', `${selector}: no image in the store has that name; ${theirs.refName} is only what another tool calls ${digest}, so give that digest. imgkit tag gives it a name.`, { entry: selector });
  }
  const near = nearNames(roots, selector);
  const help = near.length > 0 ? `near names: ${near.join(', ')}` : 'list what is there, or load the image first';
  return new ImgkitError('image-not-found', `${selector}: no such image in the store; ${help}.`, { entry: selector });
}

/** True when `selector` is what a bare ref name of a layout (`latest`) would be as a name. */
function isSame(refName: string, selector: string): boolean {
  const name = normalised(refName);
  return name !== undefined && name === normalised(selector);
}

/** Names of the same repository first, then names whose last part resembles it. */
function nearNames(roots: readonly Root[], selector: string): readonly string[] {
  const word = lastPart(selector);
  if (word === '') return [];
  const scored = roots.flatMap(({ names }) => names).map((name) => ({ name, distance: distance(lastPart(name), word) }));
  return scored
    .filter(({ name, distance: d }) => d <= Math.max(1, Math.floor(word.length / 3)) || lastPart(name).includes(word))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, NEAR_NAMES)
    .map(({ name }) => shown(name));
}

/** `app` of `registry/team/app:1.9`. */
function lastPart(name: string): string {
  return (name.split('@')[0] ?? '').split('/').at(-1)?.split(':')[0] ?? '';
}

function shown(name: string): string {
  return familiarName(parseReference(name));
}

/** Levenshtein distance. Names are short: two rows do. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
