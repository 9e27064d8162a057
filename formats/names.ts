import { ImgkitError } from '../src/errors.js';
import { normalised } from '../src/image/index-names.js';

/** `app:1` as `docker.io/library/app:1`. Throws `document-malformed`, naming `where`, when it is no reference. */
export function fullName(text: string, where: string): string {
  const name = normalised(text);
  if (name !== undefined) return name;
  throw new ImgkitError('document-malformed', `${where}: ${JSON.stringify(text)} is not a valid image name; save the image again under another.`, { entry: where, found: text });
}
