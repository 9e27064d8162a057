import { ImgkitError } from '../../../errors.js';

/** The error for an age file that is damaged or was never one. Code `ciphertext-malformed`. */
export function malformedAge(name: string, what: string): ImgkitError {
  return new ImgkitError('ciphertext-malformed', `${name}: ${what}; the file is damaged or was changed, so get it again.`, { file: name });
}
