import { ImgkitError } from '../../src/errors.js';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import { normalised } from '../../src/image/index-names.js';
import { familiarName, parseReference } from '../../src/image/reference.js';

/** A digest, or a name with one. */
const PINNED = /(?:^|@)sha(?:256|512):[a-f0-9]+$/;

/** Which roots of a source a location means. */
export interface Selector {
  /** A name, a bare tag, a ref name or a digest (`sha256:...`), as typed. */
  readonly ref?: string | undefined;
  /** Position among the images (`docker-archive:PATH:@N`). */
  readonly index?: number | undefined;
}

/** The roots that `selector` means; all of them when it says nothing. Throws `image-not-found`, listing what is there. */
export function selectRoots(source: ImageSource, { ref, index }: Selector): readonly Root[] {
  if (index !== undefined) {
    const root = source.roots[index];
    if (root === undefined) throw notFound(source, `no image @${index}`);
    return [root];
  }
  if (ref === undefined) return source.roots;
  const chosen = source.roots.filter((root) => matches(root, ref)).map((root) => narrow(root, ref));
  if (chosen.length === 0) throw notFound(source, `no image ${JSON.stringify(ref)}`);
  return chosen;
}

function matches(root: Root, ref: string): boolean {
  const { digest } = root.descriptor;
  // Names are what the source says of itself, and one may look like any digest: who asks by a digest gets the image that has it, or none.
  if (PINNED.test(ref) && !ref.endsWith(digest)) return false;
  if (root.refName === ref || digest === ref) return true;
  const full = normalised(ref);
  if (full !== undefined && root.names.includes(full)) return true;
  // A bare tag, as skopeo and umoci write it.
  return /^\w[\w.-]{0,127}$/.test(ref) && root.names.some((name) => name.endsWith(`:${ref}`));
}

/** A root chosen by one of its names keeps only that one. */
function narrow(root: Root, ref: string): Root {
  const full = normalised(ref);
  return full !== undefined && root.names.includes(full) ? { ...root, names: [full] } : root;
}

function notFound({ location, roots }: ImageSource, what: string): ImgkitError {
  const have = roots.map((root) => root.names.map((name) => familiarName(parseReference(name))).join(', ') || root.refName || root.descriptor.digest);
  const listed = have.length === 0 ? 'it holds no images' : `it has ${have.slice(0, 10).join('; ')}${have.length > 10 ? '; ...' : ''}`;
  return new ImgkitError('image-not-found', `${location}: ${what}; ${listed}.`, { file: location });
}
