import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import type { Digest } from '../../src/content/digest.js';
import { uploadBlob, type UploadOptions } from '../../src/registry/upload-blob.js';
import { sha256 } from '../helpers/image-builder.js';
import { fail, send, startFakeRegistry, type FakeRegistry } from '../helpers/registry.js';
import { repositoryOf, somebody } from './lab.js';

const large = Buffer.from(Array.from({ length: 900_000 }, (_, i) => (i * 7919) % 256));
const digest = sha256(large) as Digest;

async function* chunks(): AsyncIterable<Uint8Array> {
  for (let at = 0; at < large.length; at += 50_000) yield large.subarray(at, at + 50_000);
}

async function upload(registry: FakeRegistry, more: Partial<UploadOptions> = {}): Promise<{ readonly how: string; readonly size: number }> {
  const repository = more.repository ?? repositoryOf(registry, 'app');
  try {
    return await uploadBlob({ repository, digest, size: large.length, open: chunks, part: 400_000, ...more });
  } finally {
    await repository.connection.close();
  }
}

const patches = (registry: FakeRegistry): readonly string[] => registry.seen.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['content-range'] ?? '');

/** Wants parts of the upload, and for each request the token that is valid then. */
async function startTokenRegistry(next: (parts: number) => string): Promise<{ readonly registry: FakeRegistry; readonly given: () => readonly string[] }> {
  const given: string[] = [];
  let valid = 'first';
  let parts = -1;
  const registry = await startFakeRegistry({ hook(request, response, { origin }) {
    if (request.url?.startsWith('/token') === true) {
      given.push(valid);
      send(response, 200, JSON.stringify({ token: valid === 'never' ? 'useless' : valid, expires_in: 300 }));
      return true;
    }
    if (request.method === 'PATCH') {
      parts += 1;
      valid = next(parts);
    }
    if (request.headers.authorization !== `Bearer ${valid}`) {
      request.resume();
      fail(response, 401, 'UNAUTHORIZED', 'the token has expired', { 'www-authenticate': `Bearer realm="${origin}/token"` });
      return true;
    }
    if (request.method !== 'PATCH' || Number(request.headers['content-length']) <= 400_000) return false;
    request.resume();
    request.on('end', () => send(response, 413, ''));
    return true;
  } });
  return { registry, given: () => given };
}

test('a token that runs out in the middle of an upload is renewed, and the upload goes on where it was', async (t) => {
  const { registry, given } = await startTokenRegistry((part) => (part < 2 ? 'first' : 'second'));
  t.deepEqual(await upload(registry, { repository: repositoryOf(registry, 'app', { findCredentials: somebody }) }), { how: 'uploaded', size: large.length });
  sameBytes(t, registry.blobs.get(digest) ?? Buffer.alloc(0), large);
  t.deepEqual(given(), ['first', 'second']);
  t.deepEqual(patches(registry), ['0-899999', '0-399999', '400000-799999', '400000-799999', '800000-899999']);
  await registry.close();
});

test('a login that is refused from the middle of an upload on is the end of it, by that name', async (t) => {
  const { registry } = await startTokenRegistry((part) => (part < 2 ? 'first' : 'never'));
  await t.throwsAsync(upload(registry, { repository: repositoryOf(registry, 'app', { findCredentials: somebody }) }), { code: 'login-failed', message: /the token has expired/ });
  t.is(patches(registry).length, 3);
  await registry.close();
});

test('a registry that has now more and now less of an upload is not sent to for ever', async (t) => {
  let asked = 0;
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.method !== 'PATCH') return false;
    asked += 1;
    request.resume();
    // So many that nobody would wait for: the test ends then, too.
    request.on('end', () => (asked > 300 ? fail(response, 403, 'DENIED', '') : send(response, 202, '', { range: `0-${asked % 2 === 0 ? 299_999 : 599_999}` })));
    return true;
  } });
  await t.throwsAsync(upload(registry), { code: 'registry-failed', message: /lost the upload/ });
  t.true(asked < 100);
  await registry.close();
});

test('the query of an upload\'s address stays as the registry wrote it', async (t) => {
  const registry = await startFakeRegistry({ hook(request, response, { uploads }) {
    if (request.method !== 'POST') return false;
    uploads.set('one', Buffer.alloc(0));
    send(response, 202, '', { location: '/v2/app/blobs/uploads/one?_state=a%20b~c+d%2fe&flag' });
    return true;
  } });
  const small = Buffer.from('small');
  const own = sha256(small) as Digest;
  t.like(await upload(registry, { digest: own, size: small.length, open: async function* () { yield small; } }), { how: 'uploaded' });
  t.is(registry.seen.at(-1)?.url, `/v2/app/blobs/uploads/one?_state=a%20b~c+d%2fe&flag&digest=${encodeURIComponent(own)}`);
  await registry.close();
});

test('a registry that sends uploads elsewhere (307, 308) is followed, with the login to its own origin alone', async (t) => {
  const elsewhere = await startFakeRegistry();
  const registry: FakeRegistry = await startFakeRegistry({ hook(request, response) {
    if (request.headers.authorization === undefined) {
      request.resume();
      fail(response, 401, 'UNAUTHORIZED', 'who is it?', { 'www-authenticate': 'Basic realm="r"' });
      return true;
    }
    const [path = '', query] = request.url?.split('?') ?? [];
    if (path.startsWith('/v2/app/')) {
      request.resume();
      send(response, 308, '', { location: `/v2/moved/${path.slice(8)}${query === undefined ? '' : `?${query}`}` });
      return true;
    }
    if (!path.startsWith('/v2/moved/')) return false;
    request.resume();
    send(response, 307, '', { location: `${elsewhere.origin}${request.url}` });
    return true;
  } });
  const small = Buffer.from('small');
  const own = sha256(small) as Digest;
  const repository = repositoryOf(registry, 'app', { findCredentials: somebody, network: { insecureRegistries: [registry.host, elsewhere.host] } });
  t.like(await uploadBlob({ repository, digest: own, size: small.length, open: async function* () { yield small; } }), { how: 'uploaded' });
  t.like(await upload(registry, { repository }), { how: 'uploaded' });
  t.deepEqual(elsewhere.blobs.get(own), small);
  t.deepEqual(elsewhere.blobs.get(digest), large);
  t.true(registry.seen.some(({ url, headers }) => url.startsWith('/v2/moved/') && headers.authorization !== undefined));
  t.deepEqual([...new Set(elsewhere.seen.map(({ headers }) => headers.authorization))], [undefined]);
  await Promise.all([registry.close(), elsewhere.close()]);
});

test('parts of an upload that are sent elsewhere go there whole, and not for ever', async (t) => {
  let redirects = 0;
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.method !== 'PATCH' || redirects === 0) return false;
    redirects -= 1;
    request.resume();
    send(response, 307, '', { location: request.url ?? '' });
    return true;
  } });
  redirects = 3;
  t.like(await upload(registry), { how: 'uploaded' });
  t.deepEqual(registry.blobs.get(digest), large);
  redirects = Infinity;
  await t.throwsAsync(upload(registry), { code: 'network-failed', message: /redirects more than 5 times/ });
  await registry.close();
});
