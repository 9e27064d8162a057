import { ImgkitError, isImgkitError } from '../errors.js';
import type { CreateHttpClient, HttpClient, HttpRequest, HttpResponse } from '../network/http-client.js';
import { headersAfterRedirect, keepsMethod, redirectTarget, tooManyRedirects } from '../network/http-redirect.js';
import type { NetworkOptions } from '../network/network-options.js';
import { Authorizer } from './auth/authorizer.js';
import type { FindCredentials } from './auth/credentials.js';
import { originOf } from './auth/token-realm.js';
import { explainPlain, schemeOf } from './registry-scheme.js';
import type { RegistryAddress } from './registry-address.js';
import { isBreak } from '../network/is-break.js';
import { mayPass, retryAfterOf, retryWait, TRIES, waitFor, type Wait } from './retry.js';

const REDIRECTS = 5;

export interface ConnectionOptions {
  readonly address: RegistryAddress;
  readonly network: NetworkOptions;
  readonly findCredentials: FindCredentials;
  readonly createClient: CreateHttpClient;
  /** Default: real time. */
  readonly wait?: Wait | undefined;
}

export interface RegistryRequest {
  readonly method: string;
  /** From `/v2/`, or the full address that the registry gave (an upload's Location). */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: HttpRequest['body'];
  readonly bodySize?: number | undefined;
  /** What it needs to be allowed: `repository:app:pull`. */
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** False for a body that cannot be sent again: the caller has its own way. */
  readonly retry?: boolean | undefined;
}

/** Speaks HTTP with one registry: finds its scheme, logs in when asked to, tries again what may pass. Close it when done. */
export class Connection {
  readonly address: RegistryAddress;
  readonly network: NetworkOptions;
  readonly #options: ConnectionOptions;
  /** Other origins that may have the login. */
  readonly #trusted: readonly string[];
  readonly #clients = new Map<boolean, Promise<HttpClient>>();
  #origin: Promise<string> | undefined;
  #authorizer: Authorizer | undefined;
  /** It answered before: a failure to reach it now may pass. */
  #reached = false;
  #warned = false;

  /** Throws `usage` for a trusted realm that is none. */
  constructor(options: ConnectionOptions) {
    this.address = options.address;
    this.network = options.network;
    this.#options = options;
    this.#trusted = (options.network.trustedRealms ?? []).map(originOf);
  }

  /** `https://host`, or what an insecure registry speaks. Throws `network-unreachable`, `host-untrusted`. */
  origin(signal?: AbortSignal): Promise<string> {
    this.#origin ??= schemeOf(this.address, async (url) => (await this.#client(true)).request({ method: 'GET', url, redirects: 0, signal })).then((scheme) => `${scheme}://${this.address.host}`);
    this.#origin.catch(() => (this.#origin = undefined));
    return this.#origin;
  }

  /**
   * Resolves with any status, a 401 only when nothing helps. Redirects are followed, without credentials to another origin: of GET
   * and HEAD all, of others those that keep the method (307, 308), if the body can be sent again. Throws `network-*`, `host-untrusted`, `login-failed`, `remote-refused`, `interrupted`.
   */
  async request(request: RegistryRequest): Promise<HttpResponse> {
    const origin = await this.origin(request.signal);
    const url = new URL(request.target, origin);
    const authorizer = this.#mayAuthorize(url.origin, origin) ? this.#auth(origin) : undefined;
    const used = await authorizer?.authorization(request.scopes, request.signal);
    this.#warnOfPlain(url, used);
    const first = await this.#send(request, url, used);
    if (first.status !== 401) return first;
    const asking = new URL(first.url).origin;
    // What another origin asks for is no question to the login of this registry.
    if (!this.#mayAuthorize(asking, origin)) {
      await first.discard();
      throw this.#wantsItsOwn(asking);
    }
    if (authorizer === undefined || !isReplayable(request)) return first;
    const answer = await authorizer.renew(first.headers.get('www-authenticate'), request.scopes, used, request.signal);
    if (answer === undefined) return first;
    await first.discard();
    this.#warnOfPlain(url, answer);
    return this.#send(request, url, answer);
  }

  /** What to do about a refusal. */
  async loginHint(): Promise<string | undefined> {
    return this.#authorizer?.hint();
  }

  /** The registry has asked for a login. */
  get wantsLogin(): boolean {
    return this.#authorizer?.isAsked === true;
  }

  /** The origin of a token server that did not get the credentials, because it is not the registry's own. */
  realmElsewhere(): string | undefined {
    return this.#authorizer?.untrustedRealm();
  }

  /** A pause before try number `next`; false when the registry asks for more patience than there is. */
  async pause(next: number, retryAfter: string | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    const milliseconds = retryWait(next, retryAfter);
    if (milliseconds === undefined) return false;
    await (this.#options.wait ?? waitFor)(milliseconds, signal);
    return true;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await (await client.catch(() => undefined))?.close();
    this.#clients.clear();
  }

  #auth(origin: string): Authorizer {
    const { address, findCredentials } = this.#options;
    this.#authorizer ??= new Authorizer({
      address, origin, findCredentials, trustedRealms: this.#trusted,
      send: ({ signal, ...request }) => this.#send({ ...request, target: request.url, scopes: [], signal }, new URL(request.url), undefined, 0),
    });
    return this.#authorizer;
  }

  #warnOfPlain({ protocol }: URL, authorization: string | undefined): void {
    if (authorization === undefined || protocol !== 'http:' || this.#warned) return;
    this.#warned = true;
    this.network.onWarning?.(`${this.address.name} speaks plain HTTP: whoever listens on the way can read the login that is sent there.`);
  }

  /** Credentials belong to one origin: an upload location or redirect elsewhere gets them only by the user's word. */
  #mayAuthorize(target: string, own: string): boolean {
    return target === own || this.#trusted.includes(target);
  }

  #wantsItsOwn(asking: string): ImgkitError {
    const { name } = this.address;
    return new ImgkitError('login-failed', `${name}: it sends its clients to ${asking}, which wants a login too, and none was sent there; if it may have the login of ${name}, add --trust-realm ${asking}, else ask the owner of ${name}.`, { file: name, found: asking });
  }

  async #send(request: RegistryRequest, url: URL, authorization: string | undefined, redirects = REDIRECTS): Promise<HttpResponse> {
    const tries = request.retry === false || !isReplayable(request) ? 1 : TRIES;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.#follow(request, url, authorization, redirects);
        this.#reached = true;
        if (attempt === tries || !mayPass(response.status)) return response;
        if (!(await this.#pauseAfter(response, attempt + 1, request.signal))) return response;
        await response.discard();
      } catch (error) {
        const explained = explainPlain(error, this.address);
        if (attempt >= tries || !isBreak(error) || explained !== error || (!this.#reached && isImgkitError(error, 'network-unreachable', 'network-timeout'))) throw explained;
        await this.pause(attempt + 1, undefined, request.signal);
      }
    }
  }

  #pauseAfter(response: HttpResponse, next: number, signal: AbortSignal | undefined): Promise<boolean> {
    return this.pause(next, retryAfterOf(response), signal);
  }

  async #follow(request: RegistryRequest, start: URL, authorization: string | undefined, most: number): Promise<HttpResponse> {
    const { method, headers = {}, body, bodySize, signal } = request;
    const own = await this.origin(signal);
    let url = start;
    let sent: Readonly<Record<string, string>> = { ...headers, ...(authorization === undefined ? {} : { authorization }) };
    for (let followed = 0; ; followed += 1) {
      const client = await this.#client(url.host === this.address.host && this.address.insecure);
      const response = await client.request({ method, url: url.href, headers: sent, body, bodySize, signal, redirects: 0, anonymous: !this.#mayAuthorize(url.origin, own) });
      const follows = method === 'GET' || method === 'HEAD' || (keepsMethod(response.status) && isReplayable(request));
      if (most === 0 || !follows) return response;
      const target = await redirectOf(response, url);
      if (target === undefined) return response;
      await response.discard();
      if (followed === most) throw tooManyRedirects(start.href, most);
      const trusted = [url, target].every(({ origin }) => this.#mayAuthorize(origin, own));
      sent = trusted ? sent : headersAfterRedirect(sent, url, target);
      url = target;
    }
  }

  /** Two clients: only what the user named as insecure is believed without a proof. */
  #client(insecure: boolean): Promise<HttpClient> {
    const known = this.#clients.get(insecure) ?? this.#options.createClient({ network: this.network, insecure }).catch((error: unknown) => {
      this.#clients.delete(insecure);
      throw error;
    });
    this.#clients.set(insecure, known);
    return known;
  }
}

/** Reads where it is sent to; throws what `redirectTarget` throws, with the connection free for what comes next. */
async function redirectOf(response: HttpResponse, from: URL): Promise<URL | undefined> {
  try {
    return redirectTarget(response.status, response.headers.get('location'), from);
  } catch (error) {
    await response.discard();
    throw error;
  }
}

function isReplayable({ body }: RegistryRequest): boolean {
  return body === undefined || body instanceof Uint8Array;
}
