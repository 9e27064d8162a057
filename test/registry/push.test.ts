import type { IncomingMessage, ServerResponse } from 'node:http';
import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import type { Digest } from '../../src/content/digest.js';
import { openPool } from '../../src/operations/open-pool.js';
import type { ImageSource, Root } from '../../src/image/image-source.js';
import { uploadBlob, type UploadOptions } from '../../src/registry/upload-blob.js';
import { publishReferrers } from '../../src/registry/publish-referrer.js';
import { readReferrers } from '../../src/registry/read-referrers.js';
import { RegistrySink, type RegistrySinkOptions } from '../../src/registry/registry-sink.js';
import { imageSinkContract, transfer } from '../contract/image-sink.js';
import { memoryBlobs, plain } from '../contract/read-blob.js';
import { named } from '../helpers/archive-parts.js';
import { artifact, image, sha256 } from '../helpers/image-builder.js';
import { fail, send, startFakeRegistry, type FakeRegistry } from '../helpers/registry.js';
import { limits, pull, repositoryOf, somebody, stock } from './lab.js';

const pool = openPool();
const opened: FakeRegistry[] = [];
test.after.always(async () => {
  for (const registry of opened) await registry.close();
  await pool.close();
});

/** `docker.io/library/app:1` is tag `app-1`: the contract writes two names at once, a repository has tags only. */
const tagOf = (name: string): string => name.replace(/^.*\//, '').replace(':', '-');

function sinkFor(registry: FakeRegistry, more: Partial<RegistrySinkOptions> = {}): RegistrySink {
  const repository = repositoryOf(registry, 'app');
  return new RegistrySink({ repository, location: `docker://${registry.host}/app`, tagOf, pool, limits, force: false, close: () => repository.connection.close(), ...more });
}

/** What a reader of the registry can come to: manifests, and blobs that one names. */
function reachable({ manifests, blobs }: FakeRegistry): ReadonlyMap<string, Buffer> {
  const texts = [...manifests.values()].map(({ bytes }) => bytes.toString());
  const files = [...[...manifests].map(([key, { bytes }]): [string, Buffer] => [key, bytes]), ...[...blobs].filter(([digest]) => texts.some((text) => text.includes(digest)))];
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

imageSinkContract(test, 'registry', {
  format: 'registry', layers: 'any', canRetry: true, keepsManifests: true, blobs: async (of) => memoryBlobs(of),
  async target() {
    const registry = await startFakeRegistry();
    opened.push(registry);
    return {
      sink: async () => sinkFor(registry),
      async read(): Promise<ImageSource> {
        const tags = [...registry.manifests.keys()].filter((key) => key.startsWith('app:')).map((key) => key.slice(4)).toSorted();
        const pulls = await Promise.all(tags.map((tag) => pull(registry, `app:${tag}`)));
        const roots = pulls.map(({ root }, i): Root => ({ descriptor: root, names: [`docker.io/library/${tags[i]?.replace('-', ':')}`], manifestOrigin: 'stored' }));
        const blobs = pulls[0]?.blobs;
        if (blobs === undefined) throw new Error('nothing was pushed');
        blobs.expect(roots.map(({ descriptor }) => descriptor));
        return { location: 'registry', format: 'registry', blobs, roots, notes: [], close: async () => void (await Promise.all(pulls.map((each) => each.close()))) };
      },
      files: async () => reachable(registry),
    };
  },
});

const app = image('app');
const push = async (registry: FakeRegistry, more: Partial<RegistrySinkOptions> = {}, images = [named(app, 'app:1')]): ReturnType<RegistrySink['write']> => {
  const sink = sinkFor(registry, more);
  try {
    return await sink.write(transfer(images, memoryBlobs(new Map(images.flatMap(({ document }) => [...document.blobs])))));
  } finally {
    await sink.discard();
  }
};

test('blobs go first, then manifests, the tag last, and it is read back', async (t) => {
  const registry = await startFakeRegistry();
  const { bytes, reused } = await push(registry);
  t.is(bytes, [...app.blobs.values()].reduce((sum, { length }) => sum + length, 0));
  t.is(reused, 0);
  const asked = registry.asked();
  t.deepEqual(asked.slice(-4), [`PUT /v2/app/manifests/${app.descriptor.digest}`, 'HEAD /v2/app/manifests/app-1', 'PUT /v2/app/manifests/app-1', 'HEAD /v2/app/manifests/app-1']);
  t.true(asked.findLastIndex((each) => each.includes('/blobs/')) < asked.findIndex((each) => each.startsWith('PUT /v2/app/manifests')));
  t.is((await push(registry)).reused, 3);
  await registry.close();
});

test('a tag that names another image stays, unless it is forced', async (t) => {
  const registry = await startFakeRegistry();
  await push(registry);
  const other = image('other');
  await t.throwsAsync(push(registry, {}, [named(other, 'app:1')]), { code: 'tag-would-move', message: /--force/ });
  t.is(sha256(registry.manifests.get('app:app-1')?.bytes ?? ''), app.descriptor.digest);
  await push(registry, { force: true }, [named(other, 'app:1')]);
  t.is(sha256(registry.manifests.get('app:app-1')?.bytes ?? ''), other.descriptor.digest);
  await registry.close();
});

test('a tag that somebody else takes during the push is theirs', async (t) => {
  const theirs = image('theirs');
  const registry = await startFakeRegistry({
    hook: (request) => {
      if (request.method === 'PUT' && request.url === `/v2/app/manifests/${app.descriptor.digest}`) registry.manifests.set('app:app-1', { mediaType: theirs.descriptor.mediaType, bytes: theirs.manifest });
      return false;
    },
  });
  await t.throwsAsync(push(registry), { code: 'tag-would-move' });
  t.is(sha256(registry.manifests.get('app:app-1')?.bytes ?? ''), theirs.descriptor.digest);
  t.false(registry.asked().includes('PUT /v2/app/manifests/app-1'));
  await registry.close();
});

test('a blob from another repository of the same registry is mounted', async (t) => {
  const registry = await startFakeRegistry({ hook: (request, response) => request.method === 'HEAD' && request.url?.startsWith('/v2/app/blobs/') === true && (fail(response, 404, 'BLOB_UNKNOWN', ''), true) });
  stock(registry, 'base', app, '1');
  const from = await pull(registry, 'base:1');
  const sink = sinkFor(registry);
  const { bytes, reused } = await sink.write(transfer([named(app, 'app:1')], from.blobs));
  await sink.discard();
  t.is(reused, 3);
  t.is(bytes, app.manifest.length);
  const posts = registry.seen.filter(({ method }) => method === 'POST').map(({ url }) => new URL(url, 'http://x').searchParams.get('from'));
  t.deepEqual(posts, ['base', 'base', 'base']);
  t.false(registry.asked().some((each) => /^(?:PATCH|GET .*blobs)/.test(each)));
  await from.close();
  await registry.close();
});

const large = Buffer.from(Array.from({ length: 900_000 }, (_, i) => (i * 7919) % 256));
const digest = sha256(large) as Digest;
async function* chunks(bytes: Buffer = large): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}
async function upload(registry: FakeRegistry, more: Partial<UploadOptions> = {}): Promise<{ readonly how: string; readonly size: number }> {
  const repository = more.repository ?? repositoryOf(registry, 'app');
  try {
    return await uploadBlob({ repository, digest, size: large.length, open: () => chunks(), ...more });
  } finally {
    await repository.connection.close();
  }
}

/** Takes `most` bytes of a PATCH into the upload, then breaks the connection. */
async function cutAt(most: number, request: IncomingMessage, response: ServerResponse, { uploads }: FakeRegistry): Promise<boolean> {
  const id = request.url?.split('/').at(-1) ?? '';
  for await (const chunk of request) {
    const known = uploads.get(id) ?? Buffer.alloc(0);
    uploads.set(id, Buffer.concat([known, chunk as Buffer]).subarray(0, most));
    if ((uploads.get(id)?.length ?? 0) >= most) break;
  }
  response.socket?.destroy();
  return true;
}

for (const size of [large.length, undefined]) {
  test(`an upload that is cut three times goes on where the registry stopped${size === undefined ? ', its size not known' : ''}`, async (t) => {
    let cuts = 0;
    const registry = await startFakeRegistry({ async hook(request, response, self) {
      if (request.method !== 'PATCH' || cuts === 3) return false;
      cuts += 1;
      return cutAt(cuts * 130_000, request, response, self);
    } });
    t.deepEqual(await upload(registry, { size }), { how: 'uploaded', size: large.length });
    sameBytes(t, registry.blobs.get(digest) ?? Buffer.alloc(0), large);
    t.is(registry.asked().filter((each) => each.startsWith('PATCH')).length, 4);
    if (size !== undefined) t.deepEqual(registry.seen.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['content-range']), [0, 130_000, 260_000, 390_000].map((start) => `${start}-${large.length - 1}`));
    await registry.close();
  });
}

test('a registry that forgot the upload gets it anew, five times at most', async (t) => {
  let lost = 1;
  const registry = await startFakeRegistry({ hook(request, response, { uploads }) {
    if (request.method !== 'PATCH' || lost === 0) return false;
    lost -= 1;
    uploads.clear();
    request.resume();
    fail(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'upload unknown');
    return true;
  } });
  t.like(await upload(registry), { how: 'uploaded' });
  lost = 9;
  registry.blobs.clear();
  await t.throwsAsync(upload(registry), { code: 'registry-failed', message: /lost the upload/ });
  t.is(lost, 4);
  await registry.close();
});

test('413 for the whole makes it go in parts', async (t) => {
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.method !== 'PATCH' || Number(request.headers['content-length']) <= 400_000) return false;
    request.resume();
    request.on('end', () => send(response, 413, '<html>too large</html>'));
    return true;
  } });
  t.like(await upload(registry, { part: 400_000 }), { how: 'uploaded' });
  sameBytes(t, registry.blobs.get(digest) ?? Buffer.alloc(0), large);
  t.is(registry.seen.filter(({ method }) => method === 'PATCH').length, 4);
  await registry.close();
});

test('an upload location on another origin gets the bytes and no credentials', async (t) => {
  const storage = await startFakeRegistry();
  const BASIC = 'Basic bWU6UzNDUkVU';
  const registry = await startFakeRegistry({ hook(request, response) {
    if (request.headers.authorization !== BASIC) {
      fail(response, 401, 'UNAUTHORIZED', '', { 'www-authenticate': 'Basic realm="r"' });
      return true;
    }
    if (request.method !== 'POST') return false;
    storage.uploads.set('elsewhere', Buffer.alloc(0));
    send(response, 202, '', { location: `${storage.origin}/v2/app/blobs/uploads/elsewhere?signed=1` });
    return true;
  } });
  await upload(registry, { repository: repositoryOf(registry, 'app', { findCredentials: somebody }) });
  sameBytes(t, storage.blobs.get(digest) ?? Buffer.alloc(0), large);
  t.true(storage.seen.length > 1);
  t.true(storage.seen.every(({ headers }) => headers.authorization === undefined));
  await Promise.all([registry.close(), storage.close()]);
});

test('bytes that are not those of the digest are never committed, and the upload is dropped', async (t) => {
  const registry = await startFakeRegistry();
  const failure = new Error('the blob is damaged');
  await t.throwsAsync(upload(registry, { open: () => (async function* () { yield* chunks(); throw failure; })() }), { is: failure });
  t.deepEqual([registry.blobs.size, registry.uploads.size], [0, 0]);
  t.true(registry.asked().some((each) => each.startsWith('DELETE')));
  await registry.close();
});

test('a lost answer to the last request is not a lost upload', async (t) => {
  let first = true;
  const registry = await startFakeRegistry({ hook(request, response, { blobs, uploads }) {
    if (request.method !== 'PUT' || !first) return false;
    first = false;
    blobs.set(digest, large);
    uploads.clear();
    request.resume();
    response.socket?.destroy();
    return true;
  } });
  t.like(await upload(registry), { how: 'uploaded', size: large.length });
  await registry.close();
});

test('a registry without the referrers API gets the list under the tag of the subject, and what was listed stays', async (t) => {
  const registry = await startFakeRegistry({ referrersApi: false });
  const repository = repositoryOf(registry, 'app');
  stock(registry, 'app', app, '1');
  const [first, second] = [artifact('application/x-a', 'a', app.descriptor), artifact('application/x-b', 'b', app.descriptor)];
  for (const each of [first, second, second]) {
    stock(registry, 'app', each);
    await publishReferrers(repository, app.descriptor.digest as Digest, [plain(each.descriptor)], limits);
  }
  t.deepEqual((await readReferrers(repository, app.descriptor.digest as Digest, limits)).map((each) => each.digest as string), [first, second].map(({ descriptor }) => descriptor.digest));
  await repository.connection.close();
  await registry.close();
});

const refusals: readonly [name: string, path: string, answer: (response: ServerResponse) => void, code: string, message: RegExp][] = [
  ['only be read', 'uploads', (response) => fail(response, 405, 'UNSUPPORTED', 'The operation is unsupported.'), 'remote-refused', /405 \(it says: UNSUPPORTED.*only be read/],
  ['not be written by this login', 'uploads', (response) => fail(response, 403, 'DENIED', 'push access denied'), 'remote-refused', /push access denied/],
  ['store nothing more', 'uploads', (response) => fail(response, 507, 'NOSPACE', 'disk full'), 'remote-full', /disk is full/],
  ['not keep manifests as they are', 'manifests', (response) => send(response, 201, '', { 'docker-content-digest': sha256('other') }), 'digest-mismatch', /changes manifests/],
];
for (const [name, path, answer, code, message] of refusals) {
  test(`a registry that can ${name} is told of in words`, async (t) => {
    const registry = await startFakeRegistry({ hook: (request, response) => /POST|PUT/.test(request.method ?? '') && request.url?.includes(path) === true && (request.resume(), answer(response), true) });
    await t.throwsAsync(push(registry), { code, message });
    t.false([...registry.manifests.keys()].some((key) => key.startsWith('app:')));
    await registry.close();
  });
}
