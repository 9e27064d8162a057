import test from 'ava';
import type { Digest } from '../../src/content/digest.js';
import { openPool } from '../../src/operations/open-pool.js';
import { publishReferrers } from '../../src/registry/publish-referrer.js';
import { PushedBlobs } from '../../src/registry/pushed-blobs.js';
import { pushManifest } from '../../src/registry/push-manifest.js';
import { RegistrySink, type RegistrySinkOptions } from '../../src/registry/registry-sink.js';
import { transfer } from '../contract/image-sink.js';
import { memoryBlobs, plain } from '../contract/read-blob.js';
import { named } from '../helpers/archive-parts.js';
import { artifact, image, index, layer, sha256 } from '../helpers/image-builder.js';
import { fail, send, startFakeRegistry, type FakeRegistry } from '../helpers/registry.js';
import { limits, pull, repositoryOf, stock } from './lab.js';

const pool = openPool();
test.after.always(() => pool.close());

const app = image('app');

async function push(registry: FakeRegistry, name: string, more: Partial<RegistrySinkOptions> = {}): ReturnType<RegistrySink['write']> {
  const repository = repositoryOf(registry, name);
  const sink = new RegistrySink({ repository, location: `docker://${registry.host}/${name}`, tagOf: () => '1', pool, limits, force: false, close: () => repository.connection.close(), ...more });
  try {
    return await sink.write(transfer([named(app, 'app:1')], memoryBlobs(app.blobs)));
  } finally {
    await sink.discard();
  }
}

test('what one push put into a registry is mounted by the next, into another repository', async (t) => {
  const registry = await startFakeRegistry({ hook: (request, response) => request.method === 'HEAD' && request.url?.startsWith('/v2/two/blobs/') === true && (fail(response, 404, 'BLOB_UNKNOWN', ''), true) });
  const pushed = new PushedBlobs();
  t.is((await push(registry, 'one', { pushed })).reused, 0);
  const { reused, bytes } = await push(registry, 'two', { pushed });
  t.is(reused, 3);
  t.is(bytes, app.manifest.length);
  const posts = registry.seen.filter(({ method, url }) => method === 'POST' && url.startsWith('/v2/two/')).map(({ url }) => new URL(url, 'http://x').searchParams.get('from'));
  t.deepEqual(posts, ['one', 'one', 'one']);
  await registry.close();
});

test('a blob that is there, with no word of its size, is neither damaged nor sent again', async (t) => {
  const registry = await startFakeRegistry({ hook(request, response, { blobs }) {
    if (request.method !== 'HEAD' || !blobs.has(request.url?.split('/').at(-1) ?? '')) return false;
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.end();
    return true;
  } });
  await push(registry, 'app');
  t.is((await push(registry, 'app')).reused, 3);
  await registry.close();
});

test('an old registry that accepts a manifest with 202, or with 200, has it', async (t) => {
  for (const status of [200, 202]) {
    const registry = await startFakeRegistry({ hook: (request, response) => request.method === 'PUT' && (request.resume(), send(response, status, ''), true) });
    const repository = repositoryOf(registry, 'app');
    await t.notThrowsAsync(pushManifest({ repository, reference: '1', descriptor: plain(app.descriptor), bytes: app.manifest }));
    await repository.connection.close();
    await registry.close();
  }
});

test('a tag that names an image is not taken for the list of what is about another', async (t) => {
  const registry = await startFakeRegistry({ referrersApi: false });
  const repository = repositoryOf(registry, 'app');
  const taken = image('taken');
  const tag = app.descriptor.digest.replace(':', '-');
  stock(registry, 'app', taken, tag);
  const { descriptor } = artifact('application/x-a', 'a', app.descriptor);
  await t.throwsAsync(publishReferrers(repository, app.descriptor.digest as Digest, [plain(descriptor)], limits), { code: 'registry-failed', message: /names an image.*remove this one/ });
  t.is(sha256(registry.manifests.get(`app:${tag}`)?.bytes ?? ''), taken.descriptor.digest);
  await repository.connection.close();
  await registry.close();
});

test('a list that another client keeps of what is about an image keeps its annotations', async (t) => {
  const registry = await startFakeRegistry({ referrersApi: false });
  const repository = repositoryOf(registry, 'app');
  const tag = app.descriptor.digest.replace(':', '-');
  const [first, second] = ['a', 'b'].map((name) => artifact(`application/x-${name}`, name, app.descriptor)) as [ReturnType<typeof artifact>, ReturnType<typeof artifact>];
  for (const each of [first, second]) stock(registry, 'app', each);
  const list = index([first.descriptor]);
  const [bytes] = [...list.blobs.values()];
  const annotated = Buffer.from(JSON.stringify({ ...(JSON.parse(String(bytes)) as object), annotations: { 'by.whom': 'oras' } }));
  registry.manifests.set(`app:${tag}`, { mediaType: list.descriptor.mediaType, bytes: annotated });
  await publishReferrers(repository, app.descriptor.digest as Digest, [plain(second.descriptor)], limits);
  const kept = JSON.parse(String(registry.manifests.get(`app:${tag}`)?.bytes)) as { annotations?: unknown; manifests: { digest: string }[] };
  t.deepEqual(kept.annotations, { 'by.whom': 'oras' });
  t.deepEqual(kept.manifests.map(({ digest }) => digest), [first.descriptor.digest, second.descriptor.digest]);
  await repository.connection.close();
  await registry.close();
});

test('what another client took out of the list of an image, which it had read before, is listed again at the end', async (t) => {
  const sbom = artifact('application/x-sbom', 'parts', app.descriptor);
  const other = artifact('application/x-theirs', 'theirs', app.descriptor);
  const theirs = index([other.descriptor]);
  const tag = `app:${app.descriptor.digest.replace(':', '-')}`;
  let overwritten = 0;
  const registry = await startFakeRegistry({ referrersApi: false, hook(request, _, { manifests }) {
    // The last question of a push.
    if (request.method !== 'HEAD' || request.url !== '/v2/app/manifests/1' || !manifests.has('app:1')) return false;
    overwritten += 1;
    manifests.set(tag, { mediaType: theirs.descriptor.mediaType, bytes: Buffer.from([...theirs.blobs.values()][0] ?? '') });
    return false;
  } });
  for (const each of [sbom, other]) stock(registry, 'app', each);
  const bytes = sbom.blobs.get(sbom.descriptor.digest) as Buffer;
  const repository = repositoryOf(registry, 'app');
  const sink = new RegistrySink({ repository, location: 'docker://app', tagOf: () => '1', pool, limits, force: false, close: () => repository.connection.close() });
  const planned = transfer([named(app, 'app:1')], memoryBlobs(app.blobs));
  await sink.write({ ...planned, documents: new Map([...planned.documents, [sbom.descriptor.digest as Digest, { descriptor: plain(sbom.descriptor), bytes }]]) });
  await sink.discard();
  t.is(overwritten, 1);
  const { manifests } = JSON.parse(String(registry.manifests.get(tag)?.bytes)) as { manifests: { artifactType?: string }[] };
  t.deepEqual(manifests.map(({ artifactType }) => artifactType), ['application/x-theirs', 'application/x-sbom']);
  await registry.close();
});

test('a manifest that the registry calls wrong while others push the same is put again, five times at most', async (t) => {
  let wrong = 2;
  const registry = await startFakeRegistry({ hook: (request, response) => request.method === 'PUT' && request.url?.includes('/manifests/') === true && wrong > 0 && ((wrong -= 1), request.resume(), fail(response, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content'), true) });
  t.true((await push(registry, 'app')).bytes > 0);
  wrong = 9;
  await t.throwsAsync(push(registry, 'other'), { code: 'registry-failed', message: /DIGEST_INVALID/ });
  t.is(wrong, 4);
  await registry.close();
});

test('a registry that wants the layers that only their publisher may distribute is told of by that', async (t) => {
  const registry = await startFakeRegistry();
  const repository = repositoryOf(registry, 'app');
  const windows = image('windows', { layers: [layer('base', { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' })] });
  registry.blobs.set(windows.configDescriptor.digest, Buffer.from('config'));
  const put = ({ descriptor, manifest }: typeof app): ReturnType<typeof pushManifest> => pushManifest({ repository, reference: '1', descriptor: plain(descriptor), bytes: manifest });
  await t.throwsAsync(put(windows), { code: 'registry-failed', message: /only their publisher may distribute; let the registry allow/ });
  await t.throwsAsync(put(app), { code: 'registry-failed', message: /with --platform/ });
  await repository.connection.close();
  await registry.close();
});

test('a layer from another registry that is checked before it is sent is fetched once', async (t) => {
  const [from, to] = await Promise.all([startFakeRegistry(), startFakeRegistry()]);
  stock(from, 'app', app, '1');
  const source = await pull(from, 'app:1');
  const planned = transfer([named(app, 'app:1')], source.blobs);
  const diffIds = new Map(app.layers.map(({ descriptor, diffId }) => [descriptor.digest, diffId as Digest]));
  const blobs = planned.blobs.map((blob) => {
    const diffId = diffIds.get(blob.descriptor.digest);
    return diffId === undefined ? blob : { ...blob, layer: { compression: 'gzip' as const, diffId } };
  });
  const repository = repositoryOf(to, 'app');
  const sink = new RegistrySink({ repository, location: 'docker://app', tagOf: () => '1', pool, limits, force: false, close: () => repository.connection.close() });
  await sink.write({ ...planned, blobs });
  await sink.discard();
  for (const { descriptor } of app.layers) t.is(from.asked().filter((each) => each === `GET /v2/app/blobs/${descriptor.digest}`).length, 1);
  t.deepEqual([...to.blobs.keys()].toSorted(), app.layers.map(({ descriptor }) => descriptor.digest).concat(app.configDescriptor.digest).toSorted());
  await source.close();
  await Promise.all([from.close(), to.close()]);
});
