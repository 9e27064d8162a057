import type { Digest } from '../content/digest.js';
import { throwIfInterrupted } from '../content/interrupted.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { keepsMethod, tooManyRedirects } from '../network/http-redirect.js';
import { contentLength } from './content-length.js';
import type { Repository } from './repository.js';
import { isBreak } from '../network/is-break.js';
import { mayPass, retryAfterOf, TRIES } from './retry.js';
import { UploadBody } from './upload-body.js';
import { receivedBytes, UploadSession } from './upload-session.js';

/** Smaller blobs go in one request. */
const AT_ONCE = 256 * 1024;
/** How often an upload is begun anew: the registry forgot it, or got other bytes than were sent. */
const STARTS = 5;
/** Parts for a registry, or a proxy before it, that refuses the whole in one request. */
const PART = 16 * 1024 * 1024;
/** How often one upload may be sent elsewhere. */
const REDIRECTS = 5;

export interface UploadOptions {
  readonly repository: Repository;
  readonly digest: Digest;
  /** Undefined when it is found out by uploading. */
  readonly size: number | undefined;
  /** The bytes, from the start, as often as asked; throws before its end when they are not those of `digest`. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** A repository of the same registry that has the blob. */
  readonly mountFrom?: Repository | undefined;
  /** Size of the parts for a registry that refuses the whole. Default: 16 MiB. */
  readonly part?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number) => void) | undefined;
}

/** How a blob got there. */
export interface Uploaded {
  readonly how: 'mounted' | 'uploaded';
  readonly size: number;
}

/**
 * Puts a blob into a repository that has not got it: mounts it from another one, else uploads it, going on where a broken
 * connection stopped. Nothing is committed unless all bytes were read and checked. Throws what `open` throws, `registry-failed`,
 * `remote-refused`, `remote-full`, `login-failed`, `network-*`.
 */
export async function uploadBlob(options: UploadOptions): Promise<Uploaded> {
  const body = new UploadBody(options.open, options.onBytes);
  try {
    let part: number | undefined;
    for (let start = 1; ; start += 1) {
      const upload = new Upload(options, body, part);
      const outcome = await upload.run(start === 1);
      if (typeof outcome === 'object') return outcome;
      if (start === STARTS) throw new ImgkitError('registry-failed', `${options.repository.name}: the registry lost the upload of ${options.digest} ${STARTS} times; look at its log and its storage.`, { file: options.repository.name, entry: options.digest });
      if (outcome === 'too-large') part = options.part ?? PART;
    }
  } finally {
    await body.close().catch(() => undefined);
  }
}

class Upload {
  readonly #options: UploadOptions;
  readonly #body: UploadBody;
  readonly #part: number | undefined;
  readonly #doing: string;
  #redirects = 0;

  constructor(options: UploadOptions, body: UploadBody, part: number | undefined) {
    this.#options = options;
    this.#body = body;
    this.#part = part;
    this.#doing = `uploading the blob ${options.digest} to ${options.repository.name}`;
  }

  /** `lost` and `too-large`: begin anew. */
  async run(mount: boolean): Promise<Uploaded | 'lost' | 'too-large'> {
    const { repository, size, signal } = this.#options;
    const opened = await this.#start(mount);
    await opened.discard();
    if (opened.status === 201) return { how: 'mounted', size: size ?? 0 };
    const session = new UploadSession(repository, opened, this.#doing, signal);
    try {
      if (size !== undefined && size <= AT_ONCE) return await this.#whole(session);
      const sent = await this.#send(session);
      return typeof sent === 'number' ? await this.#finish(session, sent) : sent;
    } catch (error) {
      await session.cancel();
      throw this.#body.failure ?? error;
    }
  }

  async #start(mount: boolean): Promise<HttpResponse> {
    const { repository, digest, mountFrom, signal } = this.#options;
    if (mountFrom !== undefined && mount) {
      const query = new URLSearchParams({ mount: digest, from: mountFrom.path });
      const response = await repository.request({ method: 'POST', path: `blobs/uploads/?${query.toString()}`, access: 'push', from: mountFrom, body: new Uint8Array(), signal }).catch((error: unknown) => {
        // Not allowed to read there: upload it as any other.
        if (isImgkitError(error, 'login-failed')) return undefined;
        throw error;
      });
      if (response?.status === 201 || response?.status === 202) return response;
      await response?.discard();
    }
    const response = await repository.request({ method: 'POST', path: 'blobs/uploads/', access: 'push', body: new Uint8Array(), signal });
    if (response.status === 202) return response;
    throw await repository.failure(response, { doing: this.#doing, entry: digest });
  }

  async #whole(session: UploadSession): Promise<Uploaded | 'lost'> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#body.slice(0)) chunks.push(chunk.slice());
    const bytes = Buffer.concat(chunks);
    return this.#judge(await session.put(this.#options.digest, bytes), bytes.length);
  }

  /** Sends until the source ends; the number of bytes sent. */
  async #send(session: UploadSession): Promise<number | 'lost' | 'too-large'> {
    const { repository, size, signal } = this.#options;
    const part = this.#part === undefined ? undefined : Math.max(this.#part, session.smallestChunk);
    let offset = 0;
    let setbacks = 0;
    for (let fruitless = 0; size === undefined ? !(this.#body.ended && offset === this.#body.position) : offset < size; ) {
      throwIfInterrupted(signal, this.#doing);
      const before = offset;
      const length = size === undefined ? part : Math.min(part ?? size, size - offset);
      const answer = await this.#patch(session, offset, length);
      if (answer === 'lost' || answer === 'too-large') return answer;
      if (answer === 'elsewhere') continue;
      if (typeof answer === 'number') {
        offset = answer;
      } else {
        const waited = await repository.connection.pause(fruitless + 2, answer.retryAfter, signal);
        const has = waited ? await session.offset() : undefined;
        if (!waited && answer.failure !== undefined) throw answer.failure;
        if (has === undefined && isImgkitError(answer.failure, 'login-failed')) throw answer.failure;
        if (has === undefined || (size !== undefined && has > size)) return 'lost';
        offset = has;
        if (fruitless + 1 >= TRIES) throw answer.failure;
      }
      fruitless = offset > before ? 0 : fruitless + 1;
      // One that has now more and now less of it would be sent to for ever.
      if (offset < before) setbacks += 1;
      if (fruitless >= TRIES || setbacks >= TRIES) return 'lost';
    }
    if (!this.#body.ended) await this.#body.finish();
    return offset;
  }

  /** One request; the offset after it, or why it did not go through. */
  async #patch(session: UploadSession, offset: number, length: number | undefined): Promise<number | 'lost' | 'too-large' | 'elsewhere' | { readonly failure: unknown; readonly retryAfter?: string | undefined }> {
    const { repository, digest, size } = this.#options;
    let response: HttpResponse;
    try {
      response = await session.patch(this.#body.slice(offset, length), size === undefined ? undefined : length, offset);
    } catch (error) {
      if (this.#body.failure !== undefined || !isBreak(error)) throw this.#body.failure ?? error;
      return { failure: error };
    }
    const { status, headers } = response;
    if (status === 413 && this.#part === undefined) {
      await response.discard();
      return 'too-large';
    }
    if (status >= 200 && status < 300) {
      await response.discard();
      const end = length === undefined || size === undefined ? this.#body.position : offset + length;
      const has = receivedBytes(headers.get('range'));
      return has === undefined || has === 0 || has > end ? end : has;
    }
    if (status === 404) {
      await response.discard();
      return 'lost';
    }
    // The session knows the new place; the body is read anew from here.
    if (keepsMethod(status) && headers.has('location')) {
      await response.discard();
      if ((this.#redirects += 1) > REDIRECTS) throw tooManyRedirects(response.url, REDIRECTS);
      return 'elsewhere';
    }
    const failure = await repository.failure(response, { doing: this.#doing, entry: digest });
    // A full disk does not get better by trying. A token may have run out since the last request: asking for the offset gets another.
    if (!isImgkitError(failure, 'remote-full') && (status === 401 || status === 416 || mayPass(status))) return { failure, retryAfter: retryAfterOf({ headers }) };
    throw failure;
  }

  async #finish(session: UploadSession, size: number): Promise<Uploaded | 'lost'> {
    let response: HttpResponse;
    try {
      response = await session.put(this.#options.digest);
    } catch (error) {
      // The answer was lost, perhaps only that.
      if (isBreak(error) && (await this.#isThere())) return { how: 'uploaded', size };
      throw error;
    }
    return this.#judge(response, size);
  }

  async #judge(response: HttpResponse, size: number): Promise<Uploaded | 'lost'> {
    const { repository, digest } = this.#options;
    if (response.status === 201 || response.status === 204) {
      await response.discard();
      return { how: 'uploaded', size };
    }
    const failure = await repository.failure(response, { doing: this.#doing, entry: digest });
    // After a lost answer the upload is gone because it was complete.
    if (response.status === 404) return (await this.#isThere()) ? { how: 'uploaded', size } : 'lost';
    if (/DIGEST_INVALID|BLOB_UPLOAD_INVALID|SIZE_INVALID/.test(failure.message)) return 'lost';
    throw failure;
  }

  async #isThere(): Promise<boolean> {
    return (await findBlob(this.#options.repository, this.#options.digest, this.#options.signal)) !== undefined;
  }
}

/** A blob in a repository, with its size if the registry says it; undefined when it is not there. Throws `registry-failed`, `login-failed`, `network-*`. */
export async function findBlob(repository: Repository, digest: Digest, signal?: AbortSignal): Promise<{ readonly size: number | undefined } | undefined> {
  const response = await repository.request({ method: 'HEAD', path: repository.blobPath(digest), access: 'push', signal });
  await response.discard();
  if (response.status === 404) return undefined;
  if (response.status === 200) return { size: contentLength(response) };
  throw await repository.failure(response, { doing: `looking for the blob ${digest} in ${repository.name}`, entry: digest });
}
