import { ImgkitError } from '../errors.js';
import type { Root } from '../image/image-source.js';
import { calledRoot } from '../image/index-roots.js';
import { withoutNicknames } from '../image/nicknames.js';
import { fullReference } from '../image/reference.js';
import { signedByTag } from '../image/signature-tag.js';

/** Which images of a location are to be signed, as the caller says. */
interface Choice {
  readonly location: string;
  readonly reference?: string | undefined;
}

/** The images among `roots`: not signatures, and not artifacts without a name. Throws `image-not-found`, and `usage` when one reference would be for several. */
export function signableImages(roots: readonly Root[], { location, reference }: Choice): readonly Root[] {
  const called = roots.filter((root) => signedByTag(root) === undefined && (root.names.length > 0 || root.refName !== undefined || roots.length === 1));
  const images = withoutNicknames(called, calledRoot);
  if (images.length === 0) throw new ImgkitError('image-not-found', `${location}: there is no image to sign; imgkit list shows what is there.`, { file: location });
  if (reference !== undefined && images.length > 1) throw new ImgkitError('usage', `--reference names one image, but ${location} holds ${images.length}; say which one.`);
  return images;
}

/** The names that an image is signed for; undefined: any. */
export function namesToSign({ names }: Root, reference: string | undefined): readonly (string | undefined)[] {
  if (reference !== undefined) return [fullReference(reference)];
  return names.length === 0 ? [undefined] : names;
}
