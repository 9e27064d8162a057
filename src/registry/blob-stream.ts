import type { Digest } from '../content/digest.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { brokenAnswer } from './failure.js';
import type { PullPlaces } from './pull-places.js';
import type { Repository } from './repository.js';
import { isBreak } from '../network/is-break.js';
import { TRIES } from './retry.js';

/** A connection that breaks this often is given up, even when a little came each time. */
const MOST_BREAKS = 50;

export interface BlobStreamOptions {
  readonly places: PullPlaces;
  readonly digest: Digest;
  /** As the manifest says; undefined when it is not known. */
  readonly size: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * The bytes of a blob, **not** checked, as one stream, lent: when the connection breaks it goes on by Range where it stopped, with
 * pauses, as long as something comes, and at the next place when a mirror gives nothing more. Ends at the end of the blob or throws: `blob-missing`, `registry-failed`, `network-*`.
 */
export async function* blobStream(options: BlobStreamOptions): AsyncGenerator<LentChunk, void, undefined> {
  const { places, digest, size, signal, onBytes } = options;
  let done = 0;
  let fruitless = 0;
  for (let breaks = 0; ; breaks += 1) {
    const before = done;
    const { place, response, skip } = await open(options, done);
    try {
      let toSkip = skip;
      for await (const chunk of response.lentBody) {
        const rest = toSkip === 0 ? chunk : chunk.subarray(Math.min(toSkip, chunk.length));
        toSkip -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        done += rest.length;
        yield rest;
        onBytes?.(done);
      }
      if (size === undefined || done >= size) return;
      throw brokenAnswer(place.connection.address.name, `reading ${digest}`, `it ended after ${done} of ${size} bytes`, digest);
    } catch (error) {
      if (!isBreak(error) && !isImgkitError(error, 'registry-failed')) throw error;
      fruitless = done > before ? 0 : fruitless + 1;
      if (fruitless < TRIES && breaks < MOST_BREAKS) {
        await place.connection.pause(fruitless + 2, undefined, signal);
        continue;
      }
      if (!places.leave(place, error)) throw error;
      [fruitless, breaks] = [0, 0];
    }
  }
}

/** The blob from byte `offset` on; `skip` bytes come before it when the registry knows no ranges. */
async function open({ places, digest, size, signal }: BlobStreamOptions, offset: number): Promise<{ readonly place: Repository; readonly response: HttpResponse; readonly skip: number }> {
  const doing = `reading the blob ${digest}`;
  const found = await places.first(async (place) => {
    const response = await place.request({ method: 'GET', path: place.blobPath(digest), headers: offset === 0 ? {} : { range: `bytes=${offset}-` }, signal });
    if (response.status === 200) return { place, response, skip: offset };
    if (response.status === 206 && offset > 0) {
      if (startsAt(response.headers.get('content-range'), offset, size)) return { place, response, skip: 0 };
      await response.discard();
      throw brokenAnswer(place.connection.address.name, doing, 'it sent another range than the one asked for', digest);
    }
    if (response.status === 404) {
      await response.discard();
      return undefined;
    }
    throw await place.failure(response, { doing, entry: digest });
  });
  if (found !== undefined) return found;
  const { origin } = places;
  throw new ImgkitError('blob-missing', `${origin.name}: the registry has no blob ${digest}, which a manifest there names; the image is incomplete, push it again.`, { file: origin.name, entry: digest });
}

function startsAt(header: string | undefined, offset: number, size: number | undefined): boolean {
  const [, start, total] = /^bytes (\d{1,16})-\d{1,16}\/(\d{1,16}|\*)$/.exec(header ?? '') ?? [];
  return Number(start) === offset && (total === '*' || size === undefined || Number(total) === size);
}
