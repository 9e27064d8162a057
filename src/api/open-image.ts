import type { Closure, ClosureImage } from '../image/closure.js';
import { walkClosure } from '../image/closure.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { readLocation } from '../../formats/locations/open-source.js';
import type { OpenSourceOptions } from '../../formats/locations/open-source-options.js';
import { ImgkitError } from '../errors.js';
import { hostPlatform, parsePlatform } from '../image/platform.js';
import { shownLocation } from '../image/location-url.js';
import type { Limits } from '../limits.js';
import { choosePlatform } from '../operations/choose-platform.js';
import { holdsImage } from '../operations/holds-image.js';
import { ofPlatform } from '../operations/of-platform.js';
import { attachedRoots } from './attached-roots.js';
import type { Session } from './session.js';

export interface OpenedImage {
  readonly source: ImageSource;
  readonly root: Root;
  readonly closure: Closure;
  /** The image that the platform picks; undefined when nothing runnable is there and none was asked for. */
  readonly image: ClosureImage | undefined;
}

/** As for `Session.open`. */
export type OpenImageOptions = Pick<OpenSourceOptions, 'referrers' | 'prove'>;

/** Opens the one root that `location` means; what is only about it (signatures, SBOMs) does not count. Throws `image-ambiguous`, naming the candidates, when it means several. */
export async function openImage(session: Session, location: string, platform: string | undefined, options: OpenImageOptions = {}): Promise<OpenedImage> {
  const { source, roots: all } = await session.open(location, options);
  const wanted = platform === undefined ? undefined : parsePlatform(platform);
  const roots = several(all) ? ofPlatform(await withoutAttached(source, all, session.limits), wanted ?? hostPlatform()) : all;
  const [root] = roots;
  const shown = shownLocation(location);
  if (root === undefined) throw new ImgkitError('image-not-found', `${shown}: there is no image here; imgkit list shows what is there.`, { file: shown });
  if (several(roots)) {
    const names = roots.map((other) => other.names[0] ?? other.refName ?? other.descriptor.digest);
    const { kind } = readLocation(location);
    const how = kind === 'archive' || kind === 'url' ? `${shown}#NAME` : `${shown}${shown.endsWith(':') ? '' : ':'}NAME`;
    throw new ImgkitError('image-ambiguous', `${shown} holds ${roots.length} images; name one (${how}): ${names.slice(0, 10).join(', ')}.`, { file: shown });
  }
  const closure = await walkClosure(source.blobs, root.descriptor, session.limits, source.location);
  const image = wanted === undefined && closure.images.length === 0 ? undefined : await choosePlatform(source, closure, wanted, session.limits);
  return { source, root, closure, image };
}

function several(roots: readonly Root[]): boolean {
  return new Set(roots.map(({ descriptor }) => descriptor.digest)).size > 1;
}

/** An image is never only about another, whatever it is called. */
async function withoutAttached(source: ImageSource, roots: readonly Root[], limits: Limits): Promise<readonly Root[]> {
  const attached = await attachedRoots(source, roots, limits);
  const meant: Root[] = [];
  for (const root of roots) if (!attached.has(root) || (await holdsImage(source, root, limits))) meant.push(root);
  return meant;
}
