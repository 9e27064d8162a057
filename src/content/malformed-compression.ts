import { ImgkitError } from '../errors.js';

/** The error of compressed bytes that make no sense around `offset` of the compressed stream. */
export function malformedCompression(name: string, what: string, offset: number, cause?: unknown): ImgkitError {
  return new ImgkitError('compression-malformed', `${name}: ${what} near compressed byte ${offset}; it is damaged or cut short, so get it again.`, { file: name, offset }, { cause });
}
