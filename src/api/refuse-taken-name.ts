import { readLocation } from '../../formats/locations/open-source.js';
import type { Digest } from '../content/digest.js';
import { ImgkitError } from '../errors.js';
import type { ImageConfig } from '../image/config.js';
import type { HistoryStep } from '../image/derive.js';
import { readConfig } from '../operations/read-closure.js';
import type { MakeOptions } from './make-options.js';
import { openImage, type OpenedImage } from './open-image.js';
import type { Session } from './session.js';

/** What is known of an image before it is made. */
export interface Outline {
  /** The layers at the bottom that stay. */
  readonly kept: readonly { readonly diffId: Digest }[];
  /** How many come on top, at least and at most. */
  readonly added: readonly [least: number, most: number];
  /** The last step of its history, as far as it is known. */
  readonly step: HistoryStep;
}

/**
 * Throws `tag-would-move` when the name in the store that the new image is to get is that of an image which it cannot become: to find that
 * out only when gigabytes have been read would help nobody. What may still become the same image is let through, for making it again is no
 * mistake; the sink looks again at the end. Resolves with whether more that is known of the image can still tell.
 */
export async function refuseTakenName(session: Session, { to, force }: MakeOptions, outline: Outline): Promise<boolean> {
  const target = readLocation(to);
  if (force === true || target.kind !== 'store' || target.reference === undefined) return false;
  const taken = await nameHolder(session, to);
  if (taken === undefined) return false;
  if (couldBecome(taken, outline)) return true;
  const { digest } = taken.root.descriptor;
  throw new ImgkitError('tag-would-move', `${target.reference} already names ${digest}, another image than the one to be made. Give the new image another name, or force it (--force) if the old one may lose its name.`, { entry: target.reference, expected: digest });
}

interface Taken extends OpenedImage {
  readonly config: ImageConfig | undefined;
}

/** The image that has the name now. One that cannot be read is left to the sink. */
async function nameHolder(session: Session, to: string): Promise<Taken | undefined> {
  try {
    const opened = await openImage(session, to, undefined);
    return { ...opened, config: opened.image && (await readConfig(opened.source, opened.image, session.limits)) };
  } catch {
    return undefined;
  }
}

function couldBecome({ root, image, config }: Taken, { kept, added: [least, most], step }: Outline): boolean {
  // What is made is one image and no index.
  if (image?.descriptor.digest !== root.descriptor.digest || config === undefined) return false;
  const { diffIds, history } = config;
  const count = diffIds.length - kept.length;
  const last = history.at(-1);
  return count >= least && count <= most && kept.every(({ diffId }, i) => diffId === diffIds[i]) && isSame(last?.createdBy, step.createdBy) && isSame(last?.comment, step.comment) && isSame(last?.created, step.created);
}

/** What is not known yet, or empty, may be anything. */
function isSame(found: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === '' || found === wanted;
}
