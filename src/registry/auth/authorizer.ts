import type { RegistryAddress } from '../registry-address.js';
import { parseChallenges, type Challenge } from './challenge.js';
import { basicAuthorization, type Credentials, type FindCredentials } from './credentials.js';
import { fetchToken, type SendToRealm, type Token } from './fetch-token.js';
import { judgeRealm, type TokenRealm } from './token-realm.js';

export interface AuthorizerOptions {
  readonly address: RegistryAddress;
  readonly origin: string;
  readonly findCredentials: FindCredentials;
  readonly trustedRealms?: readonly string[] | undefined;
  readonly send: SendToRealm;
}

type Demand = { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly realm: TokenRealm; readonly service: string | undefined };

/** Answers a registry's challenges: remembers what it wants and the tokens it gave, each for its scopes and its time. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, Promise<Token>>();
  #demand: Demand | undefined;
  #credentials: Promise<Credentials | undefined> | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The Authorization header to send at once; undefined before the first challenge. */
  async authorization(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (this.#demand === undefined) return undefined;
    return this.#answer(this.#demand, scopes, signal);
  }

  /**
   * The header to try after a 401 to a request that carried `used`; undefined when there is nothing new to try.
   * Throws `login-failed` when a token is refused, `remote-refused` for a realm that is not acceptable.
   */
  async renew(header: string | undefined, scopes: readonly string[], used: string | undefined, signal?: AbortSignal): Promise<string | undefined> {
    const wanted = this.#read(parseChallenges(header ?? ''));
    if (wanted === undefined) return undefined;
    const all = [...new Set([...scopes, ...wanted.scopes])];
    this.#demand = wanted.demand;
    // Another request may have got a new token meanwhile.
    const known = used === undefined ? undefined : await this.#tokens.get(keyOf(scopes))?.catch(() => undefined);
    if (known !== undefined && `Bearer ${known.value}` === used) this.#tokens.delete(keyOf(scopes));
    const answer = await this.#answer(wanted.demand, scopes, signal, all);
    return answer === used ? undefined : answer;
  }

  /** What to tell a user whose request was refused. */
  async hint(): Promise<string | undefined> {
    const { address } = this.#options;
    const known = await this.#find().catch(() => undefined);
    if (known === undefined) return `it may need a login: imgkit login ${address.name}`;
    const origin = this.untrustedRealm();
    if (origin !== undefined) {
      return `your login was not used, because its token server ${origin} is on another origin; if that is meant to be, add --trust-realm ${origin}`;
    }
    return `the login that is kept for it was refused or may not do this: imgkit login ${address.name}`;
  }

  /** The origin of the token server, when it may not learn the credentials. */
  untrustedRealm(): string | undefined {
    return this.#demand?.kind === 'bearer' && !this.#demand.realm.trusted ? this.#demand.realm.url.origin : undefined;
  }

  /** True once a login was asked for. */
  get isAsked(): boolean {
    return this.#demand !== undefined;
  }

  /** The credentials of this registry, looked up once. */
  #find(repository?: string): Promise<Credentials | undefined> {
    this.#credentials ??= this.#options.findCredentials(this.#options.address, repository);
    return this.#credentials;
  }

  #read(challenges: readonly Challenge[]): { readonly demand: Demand; readonly scopes: readonly string[] } | undefined {
    const { address, origin, trustedRealms } = this.#options;
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
    if (bearer !== undefined) {
      const realm = judgeRealm(bearer.parameters.get('realm') as string, origin, address, trustedRealms);
      const scopes = bearer.parameters.get('scope')?.split(' ').filter((scope) => scope !== '') ?? [];
      return { demand: { kind: 'bearer', realm, service: bearer.parameters.get('service') }, scopes };
    }
    return challenges.some(({ scheme }) => scheme === 'basic') ? { demand: { kind: 'basic' }, scopes: [] } : undefined;
  }

  async #answer(demand: Demand, scopes: readonly string[], signal: AbortSignal | undefined, asked: readonly string[] = scopes): Promise<string | undefined> {
    const repository = /^repository:(.+):[^:]*$/.exec(scopes[0] ?? '')?.[1];
    const known = await this.#find(repository);
    if (demand.kind === 'basic') return known?.kind === 'password' ? basicAuthorization(known.username, known.password) : undefined;
    if (known?.kind === 'registry-token') return `Bearer ${known.token}`;
    return `Bearer ${(await this.#token(demand, scopes, asked, known, signal)).value}`;
  }

  async #token({ realm, service }: Extract<Demand, { kind: 'bearer' }>, scopes: readonly string[], asked: readonly string[], credentials: Credentials | undefined, signal: AbortSignal | undefined): Promise<Token> {
    const key = keyOf(scopes);
    const kept = this.#tokens.get(key);
    const token = await kept?.catch(() => undefined);
    if (token !== undefined && token.expires > Date.now()) return token;
    const current = this.#tokens.get(key);
    if (current !== undefined && current !== kept) return current;
    const fetching = fetchToken({ registry: this.#options.address.name, realm, service, scopes: asked, credentials, signal }, this.#options.send);
    this.#tokens.set(key, fetching);
    fetching.catch(() => this.#tokens.delete(key));
    return fetching;
  }
}

function keyOf(scopes: readonly string[]): string {
  return scopes.toSorted().join(' ');
}
