import test from 'ava';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import type { HttpResponse } from '../../src/network/http-client.js';
import { judgeRealm } from '../../src/registry/auth/token-realm.js';
import { nextLink } from '../../src/registry/link-header.js';
import { childrenFirst } from '../../src/registry/push-order.js';
import { loginAddress, mirrorAddress, registryAddress } from '../../src/registry/registry-address.js';
import type { Repository } from '../../src/registry/repository.js';
import { retryAfterOf, retryWait } from '../../src/registry/retry.js';
import { UploadBody } from '../../src/registry/upload-body.js';
import { receivedBytes, UploadSession } from '../../src/registry/upload-session.js';
import { image, index } from '../helpers/image-builder.js';
import type { FakeRegistry } from '../helpers/registry.js';
import { repositoryOf } from './lab.js';
import { collect } from '../content/bytes.js';
import { plain } from '../contract/read-blob.js';
import type { Digest } from '../../src/content/digest.js';

test('Docker Hub has another host than its name, and its own key for credentials', (t) => {
  t.like(registryAddress('docker.io'), { name: 'docker.io', host: 'registry-1.docker.io', serverAddress: 'https://index.docker.io/v1/', insecure: false });
  t.like(registryAddress('localhost:5000'), { name: 'localhost:5000', host: 'localhost:5000', serverAddress: 'localhost:5000', insecure: false });
  t.true(registryAddress('Localhost:5000', ['localhost:5000']).insecure);
  t.false(registryAddress('localhost:5001', ['localhost:5000']).insecure);
  t.true(registryAddress('lab:5000', ['other', 'HTTP://lab:5000/']).insecure);
  for (const wrong of ['', 'lab 5000', '10.0.0.0/8', 'lab:5000/app', 'me:hunter2@lab']) t.notRegex(t.throws(() => registryAddress('lab:5000', ['lab:5000', wrong]), { code: 'usage', message: /^--insecure-registry: .* write HOST\[:PORT\]\.$/ }, wrong)?.message ?? '', /hunter2/);
  t.like(loginAddress('https://index.docker.io/v1/'), { name: 'docker.io' });
  t.like(mirrorAddress('m.example:5000/hub'), { host: 'm.example:5000', prefix: 'hub/' });
  for (const address of [loginAddress, mirrorAddress]) for (const text of ['me:hunter2@h', 'https://me:hunter2@h/']) t.notRegex(t.throws(() => address(text), { code: 'usage' })?.message ?? '', /hunter2/);
  for (const wrong of ['', 'a b', 'http://x/y z', '../etc']) t.throws(() => loginAddress(wrong), { code: 'usage' });
  // As names of images these are well formed.
  for (const wrong of ['localhost:65536', '1.2.3.999', '1.2.3.4.5:80']) for (const read of [registryAddress, loginAddress, mirrorAddress]) t.throws(() => read(wrong), { code: 'location-invalid', message: /No registry can be at/ }, wrong);
});

test('a realm gets credentials only when it is the registry\'s own, the well-known one, or named', (t) => {
  const at = registryAddress('r.example');
  const trusted = (realm: string, named: readonly string[] = []): boolean => judgeRealm(realm, 'https://r.example', at, named).trusted;
  t.true(trusted('https://r.example/token'));
  t.false(trusted('https://r.example:8443/token'));
  t.false(trusted('https://auth.r.example/token'));
  t.false(trusted('https://auth.docker.io/token'));
  t.true(trusted('https://auth.example/token', ['auth.example']));
  t.true(trusted('https://auth.example/token', ['https://auth.example/']));
  t.true(judgeRealm('https://auth.docker.io/token', 'https://registry-1.docker.io', registryAddress('docker.io')).trusted);
  for (const named of ['', 'a b', 'https://', '*.example', 'ftp://auth.example']) {
    t.throws(() => repositoryOf({ host: 'r.example' } as FakeRegistry, 'app', { network: { trustedRealms: ['https://good.example', named] } }), { code: 'usage', message: /^--trust-realm: .* write https:\/\/HOST\[:PORT\]\.$/ }, named);
  }
  for (const realm of ['http://r.example/token', 'file:///etc/passwd', 'token', 'https://u:p@r.example/token']) t.throws(() => trusted(realm), { code: 'remote-refused' });
});

test('how long to wait', (t) => {
  const now = Date.UTC(2026, 0, 1);
  t.is(retryWait(2, '7', now), 7000);
  t.is(retryWait(2, new Date(now + 3000).toUTCString(), now), 3000);
  t.is(retryWait(2, '3600', now), undefined);
  t.is(retryWait(2, '120', now), 120_000, 'the longest');
  t.is(retryWait(2, '121', now), undefined);
  t.is(retryWait(2, new Date(now + 3_600_000).toUTCString(), now), undefined);
  t.is(retryWait(2, new Date(now - 3_600_000).toUTCString(), now), 0, 'a clock that is wrong makes no negative wait');
  // By its own clock, it is a matter of seconds.
  const date = (offset: number): string => new Date(now + offset).toUTCString();
  for (const skew of [-7_200_000, 7_200_000]) t.is(retryWait(2, retryAfterOf({ headers: new Map([['date', date(skew)], ['retry-after', date(skew + 9000)]]) }), now), 9000);
  for (const text of ['7', date(5000), 'soon']) t.is(retryAfterOf({ headers: new Map([['retry-after', text], ['date', text === '7' ? date(0) : 'nonsense']]) }), text);
  for (const odd of ['9'.repeat(30), '1e9', '-5', 'Infinity', '']) t.true((retryWait(2, odd, now, () => 1) ?? 0) <= 120_000, odd);
  t.is(retryWait(2, undefined, now, () => 1), 500);
  t.is(retryWait(4, 'soon', now, () => 0), 1000);
  t.is(retryWait(30, undefined, now, () => 1), 15_000);
});

test('links to the next page', (t) => {
  t.is(nextLink('</v2/a/tags/list?last=x&n=5>; rel="next"'), '/v2/a/tags/list?last=x&n=5');
  t.is(nextLink('<a>; rel=prev, <b>; rel=next'), 'b');
  t.is(nextLink('<a>; rel="nextish"'), undefined);
  t.is(nextLink(undefined), undefined);
});

test('an inclusive range counts its bytes', (t) => {
  t.deepEqual(['0-499', 'bytes=0-9', '0-0', '5-9', undefined].map(receivedBytes), [500, 10, 0, undefined, undefined]);
});

test('members go before the index that names them, in whatever order they come', (t) => {
  const [a, b] = [image('a'), image('b')];
  const inner = index([a.descriptor], [a]);
  const outer = index([inner.descriptor, b.descriptor], [inner, b]);
  const documents = new Map([a, outer, b, inner].map(({ descriptor, blobs }) => [descriptor.digest as Digest, { descriptor: plain(descriptor), bytes: blobs.get(descriptor.digest) as Buffer }]));
  t.deepEqual(childrenFirst(documents, DEFAULT_LIMITS) as string[], [a, inner, b, outer].map(({ descriptor }) => descriptor.digest));
});

test('an upload body is read from any offset, in any parts', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));
  let opened = 0;
  const body = new UploadBody(async function* () {
    opened += 1;
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  });
  t.deepEqual(await collect(body.slice(0, 100)), bytes.subarray(0, 100));
  t.deepEqual(await collect(body.slice(100, 3)), bytes.subarray(100, 103));
  t.deepEqual(await collect(body.slice(200, 50)), bytes.subarray(200, 250));
  t.is(opened, 1);
  t.deepEqual(await collect(body.slice(50)), bytes.subarray(50));
  t.is(opened, 2);
  t.true(body.ended);
});

test('an upload body does not end before its source has', async (t) => {
  const failure = new Error('the digest is wrong');
  const body = new UploadBody(async function* () {
    yield Buffer.from('all of it');
    throw failure;
  });
  await t.throwsAsync(collect(body.slice(0, 9)), { is: failure });
  t.is(body.failure, failure);
});

test('where an upload goes: newest and relative addresses, TLS that a proxy took off; none without TLS, with a user or of another kind', (t) => {
  const open = (location: string | undefined): UploadSession => {
    const nothing = (async function* () {})();
    const headers = new Map(location === undefined ? [] : [['location', location]]);
    const response: HttpResponse = { status: 202, headers, url: 'https://r.example/v2/app/blobs/uploads/', body: nothing, lentBody: nothing, text: async () => '', discard: async () => undefined };
    return new UploadSession({ connection: { address: registryAddress('r.example') } } as Repository, response, 'pushing', undefined);
  };
  for (const location of ['/v2/app/blobs/uploads/1', '1?state=x', 'http://r.example/v2/app/blobs/uploads/1', 'https://cdn.example/1']) t.notThrows(() => open(location), location);
  t.throws(() => open('http://cdn.example/1'), { code: 'remote-refused', message: /has no TLS; nothing was sent there/ });
  for (const location of [undefined, '', 'ftp://r.example/1', 'file:///etc/passwd', 'https://me@r.example/1', 'https://me:secret@r.example/1', 'http://[']) {
    const error = t.throws(() => open(location), { code: 'registry-failed' }, location);
    t.false(error?.message.includes('secret'));
  }
});
