import { ImgkitError } from '../../src/index.js';
import type { Context } from '../context.js';

/** True for standard input or output: `-`, also with a name behind it (`-#app:1`) or as the path of a kind of archive (`docker-archive:-`). */
export function isStream(location: string): boolean {
  return /^-(?:#[^#]*)?$|^(?:docker|oci)-archive:-(?::.*)?$/s.test(location);
}

/** `location`, unless it is standard input and a person would have to type the archive. */
export function readable(location: string, context: Context): string {
  if (isStream(location) && context.stdin.isTTY === true) {
    throw new ImgkitError('usage', 'The input would be your terminal: name a file, or send an archive into this command.');
  }
  return location;
}

/** `location`, unless it is standard output and the archive would fill a terminal. */
export function writable(location: string, context: Context): string {
  if (isStream(location) && context.stdout.isTTY === true) {
    throw new ImgkitError('usage', 'The output would be your terminal: name a file, or send this command into another.');
  }
  return location;
}
