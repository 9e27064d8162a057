import { ImgkitError } from '../errors.js';

/** What decoders say of a beginning that is not theirs. */
const OTHERWISE = /incorrect header check|no frame begins here/;

/** The error of compressed bytes that make no sense around `offset` of the compressed stream. */
export function malformedCompression(name: string, what: string, offset: number, cause?: unknown): ImgkitError {
  // Where whoever made it called it something else, getting it again changes nothing.
  const help = offset === 0 && OTHERWISE.test(what) ? 'it is damaged, or not compressed as its media type says: imgkit verify tells which, and how it is' : 'it is damaged or cut short, so get it again';
  return new ImgkitError('compression-malformed', `${name}: ${what} near compressed byte ${offset}; ${help}.`, { file: name, offset }, { cause });
}
