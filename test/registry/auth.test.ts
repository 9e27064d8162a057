import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { ImgkitError } from '../../src/errors.js';
import type { CreateHttpClient, HttpResponse } from '../../src/network/http-client.js';
import { Authorizer } from '../../src/registry/auth/authorizer.js';
import type { FindCredentials } from '../../src/registry/auth/credentials.js';
import { checkLogin } from '../../src/registry/check-login.js';
import { Connection } from '../../src/registry/connection.js';
import { registryAddress } from '../../src/registry/registry-address.js';
import { schemeOf } from '../../src/registry/registry-scheme.js';
import { image } from '../helpers/image-builder.js';
import { fail, send, startFakeRegistry, type FakeRegistry, type FakeRegistryOptions } from '../helpers/registry.js';
import { networkOf, pull, somebody, stock } from './lab.js';

const app = image('app');
const BASIC = `Basic ${Buffer.from('me:S3CRET').toString('base64')}`;

/** Wants a token from `realm` for everything but the token itself. */
const guarded = (realm: (registry: FakeRegistry) => string, token = 'good'): NonNullable<FakeRegistryOptions['hook']> => (request, response, registry) => {
  if (request.url?.startsWith('/token') === true) {
    send(response, 200, JSON.stringify({ token: request.headers.authorization === BASIC ? token : 'anonymous', expires_in: 300 }));
    return true;
  }
  if (request.headers.authorization === `Bearer ${token}`) return false;
  fail(response, 401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': `Bearer realm="${realm(registry)}",service="test",scope="repository:app:pull"` });
  return true;
};

test('a token is fetched once, for its scope, and used for everything', async (t) => {
  const registry = await startFakeRegistry({ hook: guarded(({ origin }) => `${origin}/token`) });
  stock(registry, 'app', app, '1');
  const { blobs, root, close } = await pull(registry, 'app:1', { findCredentials: somebody });
  await blobs.stat(root.digest);
  for await (const _ of blobs.openUnverified(app.configDescriptor.digest as never)) t.pass();
  const tokens = registry.seen.filter(({ url }) => url.startsWith('/token'));
  t.is(tokens.length, 1);
  t.is(tokens[0]?.headers.authorization, BASIC);
  t.true(tokens[0]?.url.includes('service=test&scope=repository%3Aapp%3Apull'));
  await close();
  await registry.close();
});

test('a token that ran out is renewed once; one that is refused again is the end', async (t) => {
  let valid = 'first';
  let given = 0;
  const registry = await startFakeRegistry({ hook(request, response, { origin }) {
    if (request.url?.startsWith('/token') === true) {
      given += 1;
      send(response, 200, JSON.stringify({ access_token: given === 1 ? 'first' : 'second', expires_in: 300 }));
      return true;
    }
    if (request.headers.authorization === `Bearer ${valid}`) return false;
    fail(response, 401, 'UNAUTHORIZED', 'expired', { 'www-authenticate': `Bearer realm="${origin}/token"` });
    return true;
  } });
  stock(registry, 'app', app, '1');
  const { blobs, close } = await pull(registry, 'app:1');
  valid = 'second';
  for await (const _ of blobs.openUnverified(app.configDescriptor.digest as never)) t.pass();
  t.is(given, 2);
  valid = 'never';
  await t.throwsAsync(async () => {
    for await (const _ of blobs.openUnverified(app.layers[0]?.descriptor.digest as never)) t.fail();
  }, { code: 'login-failed' });
  t.is(given, 3);
  await close();
  await registry.close();
});

test('a realm on another origin without TLS is not asked at all, and named as trusted it is', async (t) => {
  const elsewhere = await startFakeRegistry({ hook: guarded(() => '') });
  const registry = await startFakeRegistry({ hook: guarded(() => `${elsewhere.origin}/token`) });
  stock(registry, 'app', app, '1');
  await t.throwsAsync(pull(registry, 'app:1', { findCredentials: somebody }), { code: 'remote-refused', message: /has no TLS.*--trust-realm/ });
  t.deepEqual(elsewhere.seen, []);
  await (await pull(registry, 'app:1', { findCredentials: somebody, network: { ...networkOf(registry), trustedRealms: [elsewhere.origin] } })).close();
  t.is(elsewhere.seen.length, 1);
  await Promise.all([elsewhere.close(), registry.close()]);
});

/** An authorizer that tells what it would send. */
function observed(findCredentials: FindCredentials, trustedRealms: readonly string[] = []): { readonly authorizer: Authorizer; readonly sent: { readonly method: string; readonly url: string; readonly headers: Record<string, string>; readonly body: string }[] } {
  const sent: { readonly method: string; readonly url: string; readonly headers: Record<string, string>; readonly body: string }[] = [];
  const authorizer = new Authorizer({
    address: registryAddress('r.example'), origin: 'https://r.example', findCredentials, trustedRealms,
    async send({ method, url, headers, body }) {
      sent.push({ method, url, headers, body: body === undefined ? '' : Buffer.from(body).toString() });
      const nothing = (async function* () {})();
      return { status: 200, headers: new Map(), url, body: nothing, lentBody: nothing, text: async () => '{"token":"t"}', discard: async () => undefined } satisfies HttpResponse;
    },
  });
  return { authorizer, sent };
}
const elsewhereChallenge = 'Bearer realm="https://auth.example/token",service="s"';

test('an https realm on another origin is asked without the credentials, and the user is told', async (t) => {
  const { authorizer, sent } = observed(somebody);
  t.is(await authorizer.renew(elsewhereChallenge, ['repository:a:pull'], undefined), 'Bearer t');
  t.is(sent.length, 1);
  t.false(JSON.stringify(sent).includes(Buffer.from('me:S3CRET').toString('base64')));
  t.false(sent[0]?.url.includes('account'));
  t.regex((await authorizer.hint()) ?? '', /--trust-realm https:\/\/auth\.example/);
});

test('an identity token does not go to another origin either, and goes by POST to one that is trusted', async (t) => {
  const token: FindCredentials = async () => ({ kind: 'identity-token', token: 'R3FRESH' });
  const untrusted = observed(token);
  await untrusted.authorizer.renew(elsewhereChallenge, ['repository:a:pull'], undefined);
  t.false(JSON.stringify(untrusted.sent).includes('R3FRESH'));
  const { authorizer, sent } = observed(token, ['auth.example']);
  await authorizer.renew(elsewhereChallenge, ['repository:a:pull,push'], undefined);
  t.is(sent[0]?.method, 'POST');
  t.false(sent[0]?.url.includes('R3FRESH'));
  t.deepEqual(Object.fromEntries(new URLSearchParams(sent[0]?.body)), { grant_type: 'refresh_token', service: 's', client_id: 'imgkit', scope: 'repository:a:pull,push', refresh_token: 'R3FRESH' });
});

test('basic credentials go to the registry alone: a redirect to another origin gets none', async (t) => {
  const storage = await startFakeRegistry();
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.headers.authorization !== BASIC) {
      fail(response, 401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': 'Basic realm="r"' });
      return true;
    }
    if (request.url?.includes('/blobs/') !== true) return false;
    response.writeHead(307, { location: `${storage.origin}${request.url}` }).end();
    return true;
  } });
  for (const each of [registry, storage]) stock(each, 'app', app, '1');
  const { blobs, close } = await pull(registry, 'app:1', { findCredentials: somebody });
  for await (const _ of blobs.openUnverified(app.configDescriptor.digest as never)) t.pass();
  t.is(storage.seen.length, 1);
  t.is(storage.seen[0]?.headers.authorization, undefined);
  await close();
  await Promise.all([registry.close(), storage.close()]);
});

test('another origin that wants a login of its own is named, and gets that of the registry only by the word of the user', async (t) => {
  const guards = (response: Parameters<NonNullable<FakeRegistryOptions['hook']>>[1]): true => (fail(response, 401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': 'Basic realm="storage"' }), true);
  const storage = await startFakeRegistry({ hook: (request, response) => request.headers.authorization?.startsWith('Bearer ') !== true && guards(response) });
  const wantsToken = guarded(({ origin }) => `${origin}/token`);
  const registry = await startFakeRegistry({ hook: async (request, response, self) => (await wantsToken(request, response, self))
    || (request.url?.includes('/blobs/') === true && (response.writeHead(307, { location: `${storage.origin}${request.url}` }).end(), true)) });
  for (const each of [registry, storage]) {
    t.teardown(() => each.close());
    stock(each, 'app', app, '1');
  }
  const read = async (trustedRealms: readonly string[]): Promise<void> => {
    const { blobs, close } = await pull(registry, 'app:1', { findCredentials: somebody, network: { trustedRealms } });
    try {
      for await (const _ of blobs.openUnverified(app.configDescriptor.digest as never)) t.pass();
    } finally {
      await close();
    }
  };
  await t.throwsAsync(read([]), { code: 'login-failed', message: new RegExp(`sends its clients to ${storage.origin}, which wants a login.*--trust-realm ${storage.origin}`) });
  t.true(storage.seen.every(({ headers }) => headers.authorization === undefined));
  // Nor did the registry get a login of the kind that the other one asked for.
  t.true(registry.seen.every(({ url, headers }) => url.startsWith('/token') || headers.authorization?.startsWith('Basic') !== true));
  await read([storage.origin]);
  t.is(storage.seen.at(-1)?.headers.authorization, 'Bearer good');
});

for (const [trustedRealms, anonymous] of [[[], true], [['cdn.example:8443'], false]] as const) {
  test(`another origin is ${anonymous ? 'shown no client certificate' : 'shown the client certificate when it is named'}, by a redirect and by an address that the registry gave`, async (t) => {
    const asked: [url: string, anonymous: boolean | undefined][] = [];
    const nothing = (async function* () {})();
    const createClient: CreateHttpClient = async () => ({
      async request({ url, anonymous: stranger }) {
        asked.push([url, stranger]);
        const headers = new Map(url.endsWith('/2') ? [['location', 'https://cdn.example:8443/3']] : []);
        return { status: headers.size > 0 ? 307 : 200, headers, url, body: nothing, lentBody: nothing, text: async () => '', discard: async () => undefined } satisfies HttpResponse;
      },
      close: async () => undefined,
    });
    const connection = new Connection({ address: registryAddress('cdn.example'), network: { trustedRealms }, findCredentials: somebody, createClient });
    for (const target of ['/v2/1', '/v2/2', 'https://cdn.example:8443/4']) await connection.request({ method: 'GET', target, scopes: [] });
    t.deepEqual(asked, [['https://cdn.example/v2/1', false], ['https://cdn.example/v2/2', false], ['https://cdn.example:8443/3', anonymous], ['https://cdn.example:8443/4', anonymous]]);
    await connection.close();
  });
}

const refusals: readonly [name: string, status: number, body: string, code: string, message: RegExp][] = [
  ['a wrong password', 401, '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}', 'login-failed', /incorrect username or password.*imgkit login/],
  ['somebody who may not', 403, '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}', 'remote-refused', /DENIED: requested access is denied/],
];
for (const [name, status, body, code, message] of refusals) {
  test(`${name} is refused in words, without the password`, async (t) => {
    const registry = await startFakeRegistry({ hook: (request, response) => request.url !== '/v2/' && (send(response, status, body, { 'www-authenticate': 'Basic realm="r"' }), true) });
    const error = await t.throwsAsync(pull(registry, 'app:1', { findCredentials: somebody }), { code, message });
    t.false(error?.message.includes('S3CRET'));
    await registry.close();
  });
}

test('a registry without TLS is not spoken to unless it is named as insecure, localhost included', async (t) => {
  const registry = await startFakeRegistry();
  await t.throwsAsync(pull(registry, 'app:1', { network: { ...networkOf(registry), insecureRegistries: [] } }), { code: 'network-failed', message: new RegExp(`--insecure-registry ${registry.host}`) });
  t.deepEqual(registry.seen, []);
  await registry.close();
});

const SCHEMES: readonly (readonly [title: string, secure: 'answers' | 'fails' | 'waits' | 'comes late' | 'fails late', plain: number | 'fails', scheme: string])[] = [
  ['with TLS', 'answers', 'fails', 'https'],
  ['without TLS', 'fails', 401, 'http'],
  ['without TLS, which waits for the end of a hello', 'waits', 200, 'http'],
  ['with slow TLS, which calls anything else malformed', 'comes late', 400, 'https'],
  ['with slow TLS, which cuts anything else', 'comes late', 'fails', 'https'],
  ['with slow TLS, which sends anything else there', 'comes late', 308, 'https'],
  ['that calls everything malformed', 'fails late', 400, 'http'],
  ['that is slow and not there', 'fails late', 'fails', 'error'],
];
for (const [title, secure, plain, scheme] of SCHEMES) {
  test(`the scheme of an insecure registry ${title}: ${scheme}`, async (t) => {
    const failure = (url: string): ImgkitError => new ImgkitError('network-failed', url);
    const found = schemeOf(registryAddress('r:1', ['r:1']), async (url) => {
      const kind = url.startsWith('https') ? secure : plain;
      if (kind === 'waits') return new Promise(() => undefined);
      if (kind === 'comes late' || kind === 'fails late') await delay(40);
      if (kind === 'fails' || kind === 'fails late') throw failure(url);
      return { status: typeof kind === 'number' ? kind : 401, discard: async () => undefined } as HttpResponse;
    }, 10);
    if (scheme === 'error') await t.throwsAsync(found, { message: 'http://r:1/v2/' });
    else t.is(await found, scheme as 'http');
  });
}

test('a login at a registry that asks for none proves nothing, and that is told', async (t) => {
  const registry = await startFakeRegistry();
  const guardedOne = await startFakeRegistry({ hook: guarded(({ origin }) => `${origin}/token`) });
  for (const [each, expected] of [[registry, [`${registry.host} asks for no login here, so the user name and the password were not tried.`]], [guardedOne, []]] as const) {
    const warnings: string[] = [];
    const network = { ...networkOf(each), onWarning: (sentence: string) => void warnings.push(sentence) };
    await checkLogin(registryAddress(each.host, network.insecureRegistries), { network, username: 'me', password: 'S3CRET' });
    t.deepEqual(warnings.filter((sentence) => !sentence.includes('plain HTTP')), expected);
    await each.close();
  }
});
