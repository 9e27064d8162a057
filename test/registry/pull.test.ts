import test from 'ava';
import { collect, sameBytes } from '../content/bytes.js';
import { openBlob } from '../../src/content/verified-read.js';
import { walkClosure } from '../../src/image/closure.js';
import { findAttached } from '../../src/registry/open-pull.js';
import { listTags } from '../../src/registry/list-tags.js';
import { readManifest } from '../../src/registry/read-manifest.js';
import { readReferrers } from '../../src/registry/read-referrers.js';
import { plain } from '../contract/read-blob.js';
import { artifact, image, index, INDEX_TYPE, layer, sha256 } from '../helpers/image-builder.js';
import { fail, send, startFakeRegistry } from '../helpers/registry.js';
import { digestOf, limits, networkOf, pull, repositoryOf, stock, waits } from './lab.js';

const large = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256));
const app = image('app', { layers: [layer('base'), layer('large', { stored: large })] });
const [, big] = app.layers;
const bigDigest = digestOf((big as NonNullable<typeof big>).descriptor);
const bigDescriptor = plain((big as NonNullable<typeof big>).descriptor);

test('an image, its config read once however often it is asked for, layers not asked for before they are read', async (t) => {
  const registry = await startFakeRegistry();
  stock(registry, 'team/app', app, '1');
  const { blobs, root, close } = await pull(registry, 'team/app:1');
  t.is(root.digest, digestOf(app.descriptor));
  for (let i = 0; i < 3; i += 1) {
    await walkClosure(blobs, root, limits, 'test');
    await collect(openBlob(blobs, plain(app.configDescriptor)));
  }
  t.deepEqual(registry.asked().slice(-2), ['GET /v2/team/app/manifests/1', `GET /v2/team/app/blobs/${app.configDescriptor.digest}`]);
  sameBytes(t, await collect(openBlob(blobs, bigDescriptor)), large);
  await close();
  await registry.close();
});

test('what a tag means is settled once: the image does not change under the reader', async (t) => {
  const registry = await startFakeRegistry();
  stock(registry, 'app', app, '1');
  const { blobs, root, close } = await pull(registry, 'app:1');
  stock(registry, 'app', image('other'), '1');
  const { images } = await walkClosure(blobs, root, limits, 'test');
  t.is(images[0]?.manifest.config.digest, digestOf(app.configDescriptor));
  await close();
  await registry.close();
});

for (const ranges of [true, false]) {
  test(`a connection that breaks four times gives one stream${ranges ? '' : ', from a registry without ranges'}`, async (t) => {
    let cuts = 0;
    const registry = await startFakeRegistry({ hook(request, response, { blobs }) {
      if (request.method !== 'GET' || request.url?.endsWith(bigDigest) !== true) return false;
      const bytes = blobs.get(bigDigest) as Buffer;
      const from = ranges ? Number(/\d+/.exec(request.headers.range ?? '0')?.[0]) : 0;
      cuts += 1;
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from, ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }) });
      if (cuts > 4) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(from, cuts * 60_000), () => response.destroy());
      return true;
    } });
    stock(registry, 'app', app, '1');
    const { blobs, root, close } = await pull(registry, 'app:1');
    await walkClosure(blobs, root, limits, 'test');
    sameBytes(t, await collect(openBlob(blobs, bigDescriptor)), large);
    t.is(cuts, 5);
    const asked = registry.seen.filter(({ url }) => url.endsWith(bigDigest)).map(({ headers }) => headers.range);
    t.is(asked[0], undefined);
    t.true(asked.slice(1).every((range) => /^bytes=\d+-$/.test(range ?? '')));
    await close();
    await registry.close();
  });
}

test('a blob that changes between two requests of one read is found out', async (t) => {
  let first = true;
  const registry = await startFakeRegistry({ hook(request, response, { blobs }) {
    if (request.method !== 'GET' || request.url?.endsWith(bigDigest) !== true || !first) return false;
    first = false;
    response.writeHead(200, { 'content-length': large.length });
    response.write(large.subarray(0, 100_000), () => response.destroy());
    blobs.set(bigDigest, Buffer.alloc(large.length, 1));
    return true;
  } });
  stock(registry, 'app', app, '1');
  const { blobs, root, close } = await pull(registry, 'app:1');
  await walkClosure(blobs, root, limits, 'test');
  await t.throwsAsync(collect(openBlob(blobs, bigDescriptor)), { code: 'digest-mismatch' });
  await close();
  await registry.close();
});

const lies: readonly [name: string, answer: Parameters<typeof send>[2], headers: Record<string, string>, code: string][] = [
  ['other bytes than the digest asked for', '{"schemaVersion":2}', { 'content-type': app.descriptor.mediaType }, 'digest-mismatch'],
  ['a Docker-Content-Digest that is not that of the bytes', app.manifest, { 'content-type': app.descriptor.mediaType, 'docker-content-digest': sha256('x') }, 'digest-mismatch'],
  ['a page of HTML', '<html>log in</html>', { 'content-type': 'text/html' }, 'registry-failed'],
  ['a schema 1 manifest', '{}', { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' }, 'document-malformed'],
  ['a schema 1 manifest that it does not call one', '{"schemaVersion":1,"name":"app","fsLayers":[]}', { 'content-type': 'application/json' }, 'document-malformed'],
  ['five megabytes', Buffer.alloc(5 << 20, 0x20), { 'content-type': app.descriptor.mediaType }, 'limit-exceeded'],
];
for (const [name, answer, headers, code] of lies) {
  test(`a registry that answers with ${name}`, async (t) => {
    const registry = await startFakeRegistry({ hook: (_, response) => (send(response, 200, answer, headers), true) });
    await t.throwsAsync(pull(registry, `app@${app.descriptor.digest}`), { code });
    await registry.close();
  });
}

test('what is not there: a tag, a repository, a blob that a manifest names', async (t) => {
  const registry = await startFakeRegistry();
  stock(registry, 'app', app, '1');
  registry.blobs.delete(bigDigest);
  await t.throwsAsync(pull(registry, 'app:2'), { code: 'image-not-found', message: /has no image .*app:2.*imgkit list docker:/ });
  const { blobs, root, close } = await pull(registry, 'app:1');
  await walkClosure(blobs, root, limits, 'test');
  await t.throwsAsync(collect(openBlob(blobs, bigDescriptor)), { code: 'blob-missing' });
  await close();
  await registry.close();
});

test('429 with Retry-After is waited for; one that asks for an hour is not', async (t) => {
  let left = 2;
  // Longer than any wait of the neighbours.
  let after = '7';
  const registry = await startFakeRegistry({ hook: (request, response) => {
    if (request.url === '/v2/' || left === 0) return false;
    left -= 1;
    fail(response, 429, 'TOOMANYREQUESTS', 'slow down', { 'retry-after': after });
    return true;
  } });
  stock(registry, 'app', app, '1');
  await (await pull(registry, 'app:1')).close();
  t.is(waits.filter((each) => each === 7000).length, 2);
  [left, after] = [1, '3600'];
  await t.throwsAsync(pull(registry, 'app:1'), { code: 'registry-failed', message: /429.*TOOMANYREQUESTS: slow down.*wait, or log in/ });
  await registry.close();
});

test('a failure that stays is told after five tries, in the registry\'s own words', async (t) => {
  const registry = await startFakeRegistry({ hook: (request, response) => request.url !== '/v2/' && (fail(response, 503, 'UNAVAILABLE', 'the disk is \u001b[31mbroken'), true) });
  const error = await t.throwsAsync(pull(registry, 'app:1'), { code: 'registry-failed', message: /status 503 \(it says: UNAVAILABLE: the disk is \[31mbroken\)/ });
  t.false(error?.message.includes('\u001b'));
  t.is(registry.asked().filter((each) => each.includes('manifests')).length, 5);
  await registry.close();
});

test('a mirror is asked first; one that lies or fails is left out, and said so', async (t) => {
  const [origin, good, bad] = await Promise.all([startFakeRegistry(), startFakeRegistry(), startFakeRegistry({ hook: (request, response) => request.url !== '/v2/' && (send(response, 200, '{"schemaVersion":2}', { 'content-type': app.descriptor.mediaType }), true) })]);
  stock(origin, 'app', app, '1');
  stock(good, 'hub/app', app, '1');
  const warnings: string[] = [];
  const { blobs, root, close } = await pull(origin, `app@${app.descriptor.digest}`, { network: { ...networkOf(origin, good, bad), mirrors: [bad.host, `${good.host}/hub`], onWarning: (sentence) => warnings.push(sentence) } });
  await walkClosure(blobs, root, limits, 'test');
  sameBytes(t, await collect(openBlob(blobs, bigDescriptor)), large);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', new RegExp(`The mirror ${bad.host} is left out: .*digest`));
  t.deepEqual(origin.seen, []);
  good.blobs.delete(bigDigest);
  sameBytes(t, await collect(openBlob(blobs, bigDescriptor)), large);
  await close();
  await Promise.all([origin, good, bad].map((each) => each.close()));
});

for (const referrersApi of [true, false]) {
  test(`what is about an image and about a platform of it is found ${referrersApi ? 'by the API' : 'by the tag schema'}`, async (t) => {
    const registry = await startFakeRegistry({ referrersApi });
    const multi = index([app.descriptor], [app]);
    const signature = artifact('application/x-signature', 'signed', multi.descriptor);
    const sbom = artifact('application/x-sbom', 'parts', app.descriptor);
    const countersigned = artifact('application/x-signature', 'twice', sbom.descriptor);
    stock(registry, 'app', multi, '1');
    for (const [each, subject] of [[signature, multi], [sbom, app], [countersigned, sbom]] as const) {
      stock(registry, 'app', each);
      if (!referrersApi) stock(registry, 'app', index([each.descriptor]), subject.descriptor.digest.replace(':', '-'));
    }
    const opened = await pull(registry, 'app:1');
    const found = await findAttached(opened, limits);
    t.deepEqual(found.map(({ digest }) => digest as string), [signature, sbom, countersigned].map(({ descriptor }) => descriptor.digest).toSorted());
    await opened.close();
    await registry.close();
  });
}

test('tags come in pages; pages without end, in a circle or on another origin are refused', async (t) => {
  const endless = (link: (page: number) => string, tags: (page: number) => unknown) => startFakeRegistry({ hook(request, response) {
    if (request.url?.includes('/tags/') !== true) return false;
    const page = Number(new URL(request.url, 'http://x').searchParams.get('page') ?? 0);
    send(response, 200, JSON.stringify({ name: 'app', tags: tags(page) }), link(page) === '' ? {} : { link: `<${link(page)}>; rel="next"` });
    return true;
  } });
  const next = (page: number): string => `/v2/app/tags/list?page=${page + 1}`;
  const cases = [
    [await endless((page) => (page < 3 ? next(page) : ''), (page) => [`t${page}`, 'same']), 'ok'],
    [await endless(next, () => ['same']), 'limit-exceeded'],
    [await endless((page) => (page < 30 ? next(page) : ''), (page) => Array.from({ length: 5000 }, (_, i) => `t${page}-${i}`)), 'limit-exceeded'],
    [await endless(() => '/v2/app/tags/list?page=1', () => ['same']), 'registry-failed'],
    [await endless((page) => `http://elsewhere.example${next(page)}`, () => ['same']), 'registry-failed'],
    [await endless(() => '', () => ['../../etc/passwd']), 'registry-failed'],
    [await endless(() => '', () => 'tags'), 'registry-failed'],
  ] as const;
  for (const [registry, expected] of cases) {
    const repository = repositoryOf(registry, 'app');
    if (expected === 'ok') t.deepEqual(await listTags(repository, limits), ['t0', 'same', 't1', 't2', 't3']);
    else await t.throwsAsync(listTags(repository, limits, undefined, 50), { code: expected });
    await repository.connection.close();
    await registry.close();
  }
});

test('what is about an image is bounded over all pages, and its pages stay with their origin', async (t) => {
  const { digest } = app.descriptor;
  const listing = (link: (page: number) => string) => startFakeRegistry({ hook(request, response) {
    if (request.url?.includes('/referrers/') !== true) return false;
    const page = Number(new URL(request.url, 'http://x').searchParams.get('page') ?? 0);
    const manifests = [0, 1].map((i) => ({ mediaType: app.descriptor.mediaType, digest: sha256(`${page} ${i}`), size: 1 }));
    send(response, 200, JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }), { link: `<${link(page)}>; rel="next"` });
    return true;
  } });
  for (const [registry, code] of [
    [await listing((page) => `?page=${page + 1}`), 'limit-exceeded'],
    [await listing((page) => `http://elsewhere.example/v2/app/referrers/${digest}?page=${page + 1}`), 'registry-failed'],
  ] as const) {
    const repository = repositoryOf(registry, 'app');
    await t.throwsAsync(readReferrers(repository, digest as never, { ...limits, descriptors: 9 }), { code });
    t.true(registry.seen.length < 8);
    await repository.connection.close();
    await registry.close();
  }
});

test('a page for people is no answer of the referrers API: the list is looked for under its tag', async (t) => {
  const registry = await startFakeRegistry({ hook: (request, response) => request.url?.includes('/referrers/') === true && (send(response, 200, '<!doctype html><title>Welcome</title>', { 'content-type': 'text/html; charset=utf-8' }), true) });
  const sbom = artifact('application/x-sbom', 'parts', app.descriptor);
  stock(registry, 'app', sbom);
  stock(registry, 'app', index([sbom.descriptor]), app.descriptor.digest.replace(':', '-'));
  const repository = repositoryOf(registry, 'app');
  t.deepEqual((await readReferrers(repository, digestOf(app.descriptor), limits)).map(({ digest }) => digest as string), [sbom.descriptor.digest]);
  await repository.connection.close();
  await registry.close();
});

test('a foreign layer that is there, with no word of its size, has the one that its manifest says', async (t) => {
  const foreign = image('foreign', { layers: [layer('base', { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' })] });
  const [{ descriptor }] = foreign.layers as [(typeof foreign.layers)[number]];
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.method !== 'HEAD' || request.url?.includes('/blobs/') !== true) return false;
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.end();
    return true;
  } });
  stock(registry, 'app', foreign, '1');
  const { blobs, close } = await pull(registry, 'app:1');
  t.is(await blobs.stat(digestOf(descriptor)), descriptor.size);
  await close();
  await registry.close();
});

test('a manifest, or a list of tags, whose answer breaks off in the middle is asked for again', async (t) => {
  let cuts = 0;
  const registry = await startFakeRegistry({ hook(request, response) {
    if (cuts === 4 || !/(?:manifests|tags)/.test(request.url ?? '')) return false;
    cuts += 1;
    response.writeHead(200, { 'content-type': app.descriptor.mediaType, 'content-length': 1000 });
    response.write('{"a', () => response.socket?.destroy());
    return true;
  } });
  stock(registry, 'app', app, '1');
  const repository = repositoryOf(registry, 'app');
  t.deepEqual(await listTags(repository, limits), ['1']);
  t.is(cuts, 4);
  cuts = 0;
  t.is((await readManifest(repository, '1', limits))?.digest, digestOf(app.descriptor));
  t.is(cuts, 4);
  cuts = -1;
  await t.throwsAsync(readManifest(repository, '1', limits), { code: 'network-failed' });
  t.is(cuts, 4);
  await repository.connection.close();
  await registry.close();
});
