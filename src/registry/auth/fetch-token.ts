import { ImgkitError } from '../../errors.js';
import type { HttpResponse } from '../../network/http-client.js';
import { readTold } from '../failure.js';
import { basicAuthorization, type Credentials } from './credentials.js';
import type { TokenRealm } from './token-realm.js';

const LONGEST_ANSWER = 256 * 1024;
/** Of a token that does not say how long it holds (distribution token spec), and the least that is believed. */
const SHORTEST_LIFE = 60;
/** Renewed a little earlier than it ends. */
const MARGIN = 10;
const TOKEN = /^[\x21-\x7e]{1,65536}$/;

export interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface TokenRequest {
  readonly registry: string;
  readonly realm: TokenRealm;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  /** Sent only when `realm.trusted`. */
  readonly credentials: Credentials | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One request to the realm, no redirects, a temporary failure tried again. */
export type SendToRealm = (request: { readonly method: 'GET' | 'POST'; readonly url: string; readonly headers: Record<string, string>; readonly body?: Uint8Array; readonly signal?: AbortSignal | undefined }) => Promise<HttpResponse>;

/**
 * Gets a bearer token for `scopes` (distribution spec, auth/token.md; for identity tokens auth/oauth.md). Throws `login-failed`
 * when the realm refuses the credentials, `registry-failed` when it answers something else.
 */
export async function fetchToken(request: TokenRequest, send: SendToRealm): Promise<Token> {
  const { registry, realm, credentials, signal } = request;
  const known = realm.trusted ? credentials : undefined;
  const response = await send({ ...(known?.kind === 'identity-token' ? oauth(request, known.token) : plain(request, known)), signal });
  if (response.status !== 200) {
    const told = await readTold(response);
    const said = told.text === '' ? '' : ` (it says: ${told.text})`;
    const refused = response.status === 401 || response.status === 403 || response.status === 400;
    const remedy = !refused ? 'try again later' : known === undefined ? `log in with: imgkit login ${registry}` : `the user name or password is wrong or has expired; log in again with: imgkit login ${registry}`;
    throw new ImgkitError(refused ? 'login-failed' : 'registry-failed', `${registry}: its token server ${realm.url.host} answered with status ${response.status}${said}; ${remedy}.`, { file: registry, found: String(response.status) });
  }
  return readToken(registry, realm, await response.text(LONGEST_ANSWER));
}

function plain({ realm, service, scopes }: TokenRequest, known: Credentials | undefined): { method: 'GET'; url: string; headers: Record<string, string> } {
  const url = new URL(realm.url);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (known?.kind !== 'password') return { method: 'GET', url: url.href, headers: {} };
  url.searchParams.set('account', known.username);
  return { method: 'GET', url: url.href, headers: { authorization: basicAuthorization(known.username, known.password) } };
}

function oauth({ realm, service, scopes }: TokenRequest, refreshToken: string): { method: 'POST'; url: string; headers: Record<string, string>; body: Uint8Array } {
  const form = new URLSearchParams({ grant_type: 'refresh_token', service: service ?? '', client_id: 'imgkit', scope: scopes.join(' '), refresh_token: refreshToken });
  return { method: 'POST', url: realm.url.href, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(form.toString()) };
}

function readToken(registry: string, realm: TokenRealm, text: string): Token {
  const fail = (what: string): ImgkitError => new ImgkitError('registry-failed', `${registry}: its token server ${realm.url.host} ${what}; is it the right one?`, { file: registry });
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null;
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    throw fail('answered something else than JSON');
  }
  const value = [answer?.token, answer?.access_token].find((each) => typeof each === 'string' && each !== '');
  if (typeof value !== 'string' || !TOKEN.test(value)) throw fail('gave no token');
  const life = typeof answer?.expires_in === 'number' && answer.expires_in > SHORTEST_LIFE ? Math.min(answer.expires_in, 86_400) : SHORTEST_LIFE;
  return { value, expires: Date.now() + (life - MARGIN) * 1000 };
}
