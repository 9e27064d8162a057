import type { Given, LentChunk } from '../../content/lent-chunk.js';
import { ImgkitError } from '../../errors.js';
import { createHttpClient } from '../../network/create-http-client.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { redactUrl } from '../../network/redact-url.js';
import type { Abilities, AbilitiesOptions, ReadOptions, RemoteEntry, RemoteOptions, RemoteStat, Transport, WriteOptions } from '../transport.js';
import { httpAbilities } from './http-abilities.js';
import { makeHttpFolder } from './http-folders.js';
import { listHttp } from './http-list.js';
import { readHttp } from './http-read.js';
import { HttpSession } from './http-session.js';
import { statHttp } from './http-stat.js';
import { statusError } from './http-status.js';
import { writeHttp } from './http-write.js';

/**
 * A web server as a host: GET with ranges, PUT, and WebDAV (PROPFIND, MOVE, MKCOL; RFC 4918) where it has that. A query of `url` (a
 * presigned URL) is sent with requests for exactly its path, and shown nowhere. Nothing is connected yet; close it when done.
 * Throws `location-invalid`, and as `createHttpClient` for the files that `network` names.
 */
export async function openHttpTransport(url: string, network: NetworkOptions = {}): Promise<Transport> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) throw new ImgkitError('location-invalid', `${redactUrl(url)}: is no http:// or https:// URL; write https://HOST/PATH.`);
  if (parsed.password !== '') throw new ImgkitError('location-invalid', `${redactUrl(url)}: a password does not belong in a URL; use --password-file, $IMGKIT_PASSWORD or ~/.netrc.`);
  return new HttpTransport(new HttpSession(parsed, await createHttpClient({ network }), network));
}

class HttpTransport implements Transport {
  readonly origin: string;
  readonly #session: HttpSession;

  constructor(session: HttpSession) {
    this.#session = session;
    this.origin = session.origin;
  }

  abilities(path: string, options: AbilitiesOptions = {}): Promise<Abilities> {
    return httpAbilities(this.#session, path, options);
  }

  stat(path: string, options: RemoteOptions = {}): Promise<RemoteStat | undefined> {
    return statHttp(this.#session, path, options);
  }

  list(path: string, options: RemoteOptions = {}): Promise<readonly RemoteEntry[]> {
    return listHttp(this.#session, path, options);
  }

  read(path: string, options?: ReadOptions & Given): AsyncIterable<Uint8Array>;
  read(path: string, options?: ReadOptions): AsyncIterable<LentChunk>;
  read(path: string, options: ReadOptions = {}): AsyncIterable<LentChunk> {
    return readHttp(this.#session, path, options);
  }

  write(path: string, chunks: AsyncIterable<LentChunk>, options: WriteOptions = {}): Promise<void> {
    return writeHttp(this.#session, path, chunks, options);
  }

  /** No web server computes one over what it stores when asked by a standard that they share. */
  async hash(): Promise<undefined> {
    return undefined;
  }

  async rename(from: string, to: string, { replace = true, signal }: RemoteOptions & { readonly replace?: boolean | undefined } = {}): Promise<void> {
    const { host } = this.#session;
    const response = await this.#session.request({ method: 'MOVE', path: from, headers: { destination: this.#session.urlOf(to), overwrite: replace ? 'T' : 'F' }, signal });
    await response.discard();
    if (response.status === 412) throw new ImgkitError('remote-refused', `${host}: ${to} is there already; remove it or choose another name.`, { file: `${host}${to}` });
    if (response.status !== 201 && response.status !== 204) throw statusError(response.status, { host, path: from, doing: `renaming it to ${to}` });
  }

  async remove(path: string, { signal }: RemoteOptions = {}): Promise<void> {
    const response = await this.#session.request({ method: 'DELETE', path, signal });
    await response.discard();
    if (![200, 202, 204, 404, 410].includes(response.status)) throw statusError(response.status, { host: this.#session.host, path, doing: 'removing it' });
  }

  makeFolder(path: string, options: RemoteOptions = {}): Promise<void> {
    return makeHttpFolder(this.#session, path, options);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
