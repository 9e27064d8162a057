import { ImgkitError } from '../errors.js';
import type { HttpResponse } from '../network/http-client.js';
import { brokenAnswer } from './failure.js';
import type { Repository } from './repository.js';

const OCTETS = { 'content-type': 'application/octet-stream' };

/** An upload that a registry has opened (OCI distribution spec, "Pushing blobs"): where it is, which changes with every answer. */
export class UploadSession {
  /** Chunks smaller than this are refused, the last one excepted (`OCI-Chunk-Min-Length`). */
  readonly smallestChunk: number;
  readonly #repository: Repository;
  readonly #doing: string;
  readonly #signal: AbortSignal | undefined;
  #location: string;

  constructor(repository: Repository, opened: HttpResponse, doing: string, signal: AbortSignal | undefined) {
    this.#repository = repository;
    this.#doing = doing;
    this.#signal = signal;
    const smallest = opened.headers.get('oci-chunk-min-length') ?? '';
    this.smallestChunk = /^\d{1,12}$/.test(smallest) ? Number(smallest) : 0;
    this.#location = this.#newest(opened) ?? '';
    if (this.#location === '') throw brokenAnswer(repository.connection.address.name, doing, 'the registry does not say where to upload to');
  }

  /** Sends bytes; resolves with any status. `range` is inclusive, and left out when the size is not known. */
  async patch(body: AsyncIterable<Uint8Array>, size: number | undefined, offset: number): Promise<HttpResponse> {
    const range = size === undefined ? {} : { 'content-range': `${offset}-${offset + size - 1}` };
    const response = await this.#request('PATCH', this.#location, { body, bodySize: size, headers: { ...OCTETS, ...range }, retry: false });
    this.#follow(response);
    return response;
  }

  /** Ends the upload under its digest, with the bytes when `body` is given. */
  put(digest: string, body: Uint8Array = new Uint8Array()): Promise<HttpResponse> {
    // The query is the registry's own, and stays letter for letter: it may be signed.
    const url = new URL(this.#location);
    url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
    return this.#request('PUT', url.href, { body, headers: { ...OCTETS, 'content-length': String(body.length) } });
  }

  /** How many bytes the registry has; undefined when it has forgotten the upload. Throws `registry-failed`, `network-*`. */
  async offset(): Promise<number | undefined> {
    const response = await this.#request('GET', this.#location, {});
    await response.discard();
    if (response.status === 404) return undefined;
    if (response.status !== 204 && response.status !== 202 && response.status !== 200) return undefined;
    this.#follow(response);
    return receivedBytes(response.headers.get('range')) ?? 0;
  }

  /** Tells the registry to drop it, without insisting: it would do so by itself one day. */
  async cancel(): Promise<void> {
    try {
      const response = await this.#repository.request({ method: 'DELETE', path: this.#location, access: 'push', retry: false, signal: AbortSignal.timeout(5_000) });
      await response.discard();
    } catch {
      // Nothing depends on it.
    }
  }

  #request(method: string, path: string, more: { readonly headers?: Record<string, string>; readonly body?: Uint8Array | AsyncIterable<Uint8Array>; readonly bodySize?: number | undefined; readonly retry?: boolean }): Promise<HttpResponse> {
    return this.#repository.request({ method, path, access: 'push', signal: this.#signal, ...more });
  }

  #follow(response: HttpResponse): void {
    this.#location = this.#newest(response) ?? this.#location;
  }

  /** The Location of an answer: often relative, and a registry behind a proxy that does not know of the TLS before it says http. */
  #newest(response: HttpResponse): string | undefined {
    const text = response.headers.get('location');
    if (text === undefined || text === '') return undefined;
    const { name, host } = this.#repository.connection.address;
    const url = URL.canParse(text, response.url) ? new URL(text, response.url) : undefined;
    const own = new URL(response.url);
    if (url?.protocol === 'http:' && own.protocol === 'https:' && (url.host === own.host || url.host === host)) url.protocol = 'https:';
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') throw brokenAnswer(name, this.#doing, 'it wants the upload at an address that is none');
    if (own.protocol === 'https:' && url.protocol === 'http:') {
      throw new ImgkitError('remote-refused', `${name}: ${this.#doing} stopped: it wants the upload at ${url.origin}, which has no TLS; nothing was sent there. Ask its owner to correct the address that it gives.`, { file: name, found: url.origin });
    }
    return url.href;
  }
}

/** `0-499` and `bytes=0-499` are 500 bytes. Some registries say `0-0` for none, as they cannot say it otherwise: then byte 0 is sent again. */
export function receivedBytes(range: string | undefined): number | undefined {
  const last = /^(?:bytes=)?0-(\d{1,16})$/.exec(range ?? '')?.[1];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}
