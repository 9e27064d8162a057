/** The longest name that file systems take, bytes. */
const MOST_NAME_BYTES = 255;

/**
 * Why `name` cannot stand in a statement, as the end of a sentence; undefined when it can. It must be the plain name of a
 * file, one that every tool understands as the same file: no path, nothing invisible, and not `-`, which is standard input.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('/')) return 'is a path; only files beside the statement can be named';
  if (name === '.' || name === '..') return 'is a folder';
  if (name === '-') return 'means standard input to sha256sum';
  if (Buffer.byteLength(name) > MOST_NAME_BYTES) return `is longer than ${MOST_NAME_BYTES} bytes`;
  if (/\p{Cs}/u.test(name)) return 'is not Unicode text';
  // Also what changes the direction of text or ends lines for some readers: a name must be what it looks like.
  if (/[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(name)) return 'holds control or invisible characters';
  if (name.startsWith(' ') || name.endsWith(' ')) return 'starts or ends with a space';
  return undefined;
}
