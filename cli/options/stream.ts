import { ImgkitError } from '../../src/index.js';
import type { Context } from '../context.js';

/** `location`, unless it is `-` and a person would have to type the archive. */
export function readable(location: string, context: Context): string {
  if (location === '-' && context.stdin.isTTY === true) {
    throw new ImgkitError('usage', 'The input would be your terminal: name a file, or send an archive into this command.');
  }
  return location;
}

/** `location`, unless it is `-` and the archive would fill a terminal. */
export function writable(location: string, context: Context): string {
  if (location === '-' && context.stdout.isTTY === true) {
    throw new ImgkitError('usage', 'The output would be your terminal: name a file, or send this command into another.');
  }
  return location;
}
