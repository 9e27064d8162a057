import { ImgkitError } from '../errors.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { sharedNames } from '../image/shared-names.js';

/** Throws `format-ambiguous` when `source` itself gives one name to several of `roots`, which are all to be moved: readers differ in which they take. */
export function requireOneMeaning({ location }: ImageSource, roots: readonly Root[]): void {
  const [first] = sharedNames(roots);
  if (first === undefined) return;
  const { name, digests } = first;
  throw new ImgkitError('format-ambiguous', `${location}: ${name} is the name of ${digests.length} images there (${digests.join(', ')}), and readers differ in which they take; name one of them by its digest, or get it again from who made it.`, { file: location, entry: name });
}
