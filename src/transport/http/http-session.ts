import { ImgkitError, isImgkitError } from '../../errors.js';
import type { HttpClient, HttpRequest, HttpResponse } from '../../network/http-client.js';
import type { NetworkOptions } from '../../network/network-options.js';
import { redactUrl } from '../../network/redact-url.js';
import { checkRemotePath } from '../../network/remote-path.js';
import { HttpLogin } from './http-login.js';
import { statusError } from './http-status.js';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND']);
/** What may stand in a path only behind a percent sign (RFC 3986, section 3.3), though the URL standard of browsers lets it be. */
const NO_PATH = /[^\w.~!$&'()*+,;=:@%/-]/g;
const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** A request to a path of the session's origin. */
export interface PathRequest extends Omit<HttpRequest, 'url'> {
  readonly path: string;
}

/** One origin, one user: builds URLs of paths, logs in, and keeps the query of a presigned URL to the path it was made for. */
export class HttpSession {
  /** `https://user@host:port`. */
  readonly origin: string;
  /** `host:port`. */
  readonly host: string;
  readonly #client: HttpClient;
  readonly #login: HttpLogin;
  readonly #base: string;
  readonly #signed: { readonly path: string; readonly target: string } | undefined;
  /** The file that the URL names, and the folder it lies in, decoded and as they were written: to some servers `%2F` is no slash. */
  readonly #written: readonly { readonly path: string; readonly target: string }[];

  constructor(url: URL, client: HttpClient, network: NetworkOptions) {
    this.#client = client;
    this.#login = new HttpLogin(url, network);
    this.#base = url.origin;
    this.host = url.host;
    this.origin = `${url.protocol}//${url.username === '' ? '' : `${url.username}@`}${url.host}`;
    const folder = url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1);
    this.#written = [url.pathname, folder].map((target) => ({ path: decodePath(url, target), target: target.replaceAll(NO_PATH, encodeURIComponent) }));
    if (url.search !== '') this.#signed = { path: decodePath(url, url.pathname), target: `${url.pathname}${url.search}` };
  }

  /** True for the path of a presigned URL, which opens one request and no others. */
  isSigned(path: string): boolean {
    return this.#signed?.path === path;
  }

  /** The URL of `path`, and its query if it was given with one: never to be printed. Throws `location-invalid` for CR, LF, NUL and `..`. */
  urlOf(path: string): string {
    checkRemotePath(path, this.host);
    if (this.#signed?.path === path) return `${this.#base}${this.#signed.target}`;
    // A URL library would resolve these, percent-encoded or not.
    if (path.split('/').some((part) => part === '.' || part === '..')) throw new ImgkitError('location-invalid', `${this.host}: the path ${JSON.stringify(path)} holds "." or ".."; write where it leads.`);
    const known = this.#written.find((each) => path.startsWith(each.path));
    const rest = path.slice(known?.path.length ?? 0);
    return `${this.#base}${known?.target ?? ''}${rest.split('/').map(encodeURIComponent).join('/')}`;
  }

  /**
   * The answer, whatever its status but 401: then it logs in and asks again, once; throws `login-failed` when that does not help.
   * A streamed body cannot be sent twice, so its request carries the login from the start, where there is one.
   */
  async request({ path, ...request }: PathRequest): Promise<HttpResponse> {
    const url = this.urlOf(path);
    // A presigned URL is the permission itself; some servers refuse a request with two.
    if (this.isSigned(path)) return this.#client.request({ ...request, url });
    const once = request.body !== undefined && !(request.body instanceof Uint8Array);
    const first = await (once ? this.#login.find() : this.#login.known());
    const response = await this.#send(request, url, first);
    if (response.status !== 401) return response;
    await response.discard();
    const asking = new URL(response.url);
    if (asking.origin !== this.#base) throw new ImgkitError('login-failed', `${this.host}: ${path}: it redirects to ${redactUrl(asking)}, which wants a login; that for ${this.host} stays with it. Name the URL there if that is meant to be.`, { file: this.host, found: asking.origin });
    const answer = await this.#login.answer(response.headers.get('www-authenticate'), first);
    if (once) throw statusError(401, { host: this.host, path, doing: request.method });
    const second = await this.#send(request, url, answer);
    if (second.status !== 401) return second;
    await second.discard();
    await this.#login.answer(second.headers.get('www-authenticate'), answer);
    throw statusError(401, { host: this.host, path, doing: request.method });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** A server may close an idle connection just when a request goes out on it: what changes nothing is asked again, once. */
  async #send(request: Omit<HttpRequest, 'url'>, url: string, authorization: string | undefined): Promise<HttpResponse> {
    const whole = { ...request, url, headers: { ...request.headers, ...(authorization !== undefined && { authorization }) } };
    try {
      return await this.#client.request(whole);
    } catch (error) {
      if (!SAFE.has(request.method) || !isImgkitError(error, 'network-failed') || !CLOSED.has(String((error.cause as NodeJS.ErrnoException | undefined)?.code))) throw error;
      return this.#client.request(whole);
    }
  }
}

/** A path of `url`, decoded. Throws `location-invalid`. */
function decodePath(url: URL, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new ImgkitError('location-invalid', `${redactUrl(url)}: a "%" in the path is not followed by two hexadecimal digits of valid UTF-8.`, {}, { cause: error });
  }
}
