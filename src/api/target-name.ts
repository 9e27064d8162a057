import { ImgkitError } from '../errors.js';
import { locationInvalid } from '../image/location-error.js';
import type { Location } from '../image/location.js';
import { formatReference, parseReference, type Reference } from '../image/reference.js';
import { signatureTag, signedByTag } from '../image/signature-tag.js';
import { withoutNicknamed } from '../operations/distinct-selections.js';
import type { Selection } from '../operations/selection.js';

/** What a target that names its image calls it. */
export function targetName(target: Location): { readonly names: readonly string[]; readonly refName?: string | undefined } | undefined {
  switch (target.kind) {
    case 'archive':
      // Without this the name would be lost, and `-o build#7.tar` replace a file called build.
      if (target.ref !== undefined) throw locationInvalid(target.text, '#REF picks an image to read; to name what is written use docker-archive:PATH:NAME or oci-archive:PATH:REF, and where the # is part of the path end it with another #');
      return undefined;
    case 'url':
      if (target.ref !== undefined) throw locationInvalid(target.text, '#REF picks an image to read, and names nothing that is written; a "#" in the name of a file is written %23');
      return undefined;
    case 'docker-archive':
      if (target.index !== undefined) throw locationInvalid(target.text, '@N picks an image to read; name what is written as PATH:NAME, or leave it out');
      return target.reference === undefined ? undefined : named(target.text, target.reference);
    case 'docker-daemon':
    case 'store':
    case 'registry':
      // A push to a digest is refused where it is known what would be pushed instead.
      if (target.reference === undefined) return undefined;
      return target.kind === 'registry' ? { names: [target.reference] } : named(target.text, target.reference);
    case 'oci-archive':
    case 'oci-layout':
      return target.ref === undefined ? undefined : { names: [], refName: target.ref };
    default:
      return undefined;
  }
}

function named(text: string, reference: string): { readonly names: readonly string[] } {
  if (reference.includes('@')) throw new ImgkitError('reference-invalid', `${text}: a new name takes a tag, not a digest.`, { found: text });
  return { names: [reference] };
}

/** A name in the target location replaces the names at the source; it can only be given to one image. */
export function renamed(selections: readonly Selection[], target: Location): readonly Selection[] {
  const name = targetName(target);
  if (name === undefined) return selections;
  const single = withoutNicknamed(selections);
  const named = single.filter(({ meant }) => meant);
  if (named.length > 1) throw new ImgkitError('usage', `${target.text} names one image, but ${named.length} would be moved; name one at the source, or leave the name out at the target.`);
  const { tag: _, ...repository } = name.names[0] === undefined ? {} as Partial<Reference> : parseReference(name.names[0]);
  return single.map((selection) => {
    if (selection.meant) return { ...selection, ...name };
    const subject = signedByTag(selection.root);
    // The signatures of cosign are found in the repository of the image.
    if (subject === undefined) return selection;
    return repository.repository === undefined ? { ...selection, names: [], refName: signatureTag(subject) } : { ...selection, names: [formatReference({ ...(repository as Reference), tag: signatureTag(subject) })] };
  });
}
