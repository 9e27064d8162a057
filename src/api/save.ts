import { ImgkitError } from '../errors.js';
import { beginCall } from './begin-call.js';
import { PATH, TEXTS } from './option-kinds.js';
import type { WriteOptions } from './options.js';
import type { MoveResult } from './results.js';
import { move } from './move.js';
import { outputLocation } from './output-location.js';

/**
 * Writes images from any locations into one archive, blobs they share once. `output` is a path, or `-` for `stdout`.
 * Deterministic: the same images give the same bytes. Every blob is checked on the way; the name appears only when all is written.
 * An engine, a store or a registry is no output (`usage`): {@link copy} is for those.
 */
export async function save(options: WriteOptions & { readonly images: readonly string[]; readonly output: string }): Promise<MoveResult> {
  beginCall(options, { images: TEXTS, output: PATH });
  const { images, output } = options;
  if (/^(?:docker-daemon|store):|^docker:\/\//.test(output)) {
    throw new ImgkitError('usage', `${output} is no archive to save to; imgkit copy puts an image there: imgkit copy LOCATION ${output}`, { file: output });
  }
  return move(images, outputLocation(output), options, false);
}
