import { spawnSync } from 'node:child_process';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { blobPath } from '../../src/store/layout-blobs.js';
import type { Store } from '../../src/store/store.js';
import { emptyStore, loadInto, sourceOf } from './open-sample.js';
import { json, sampleImage, sampleReferrer, transferOf, writeBlobs, type SampleImage } from './sample-image.js';
import { digestOf } from '../../src/content/digest.js';
import { newPartPath } from '../../src/content/part-file.js';
import { thisProcess } from '../../src/content/process-identity.js';
import { threadPool } from './thread-pool.js';

const NAME = 'docker.io/library/app:1.9.6';
const INDEX = 'application/vnd.oci.image.index.v1+json';

async function holds(store: Store, image: SampleImage): Promise<boolean> {
  const { blobs } = await store.source();
  const sizes = await Promise.all([...image.blobs.keys()].map((digest) => blobs.stat(digest)));
  return sizes.every((size) => size !== undefined);
}

async function leasesOf(store: Store): Promise<string> {
  const folder = join(store.folder, '.imgkit', 'leases');
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).join();
}

test('only what no image needs is deleted, and a dry run deletes nothing', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  await loadInto(t, store, one, ['docker.io/library/one:1']);
  await loadInto(t, store, two, ['docker.io/library/two:1']);
  t.like(await store.gc(), { removedBlobs: 0, bytes: 0 });
  await store.remove(['two:1']);
  const dry = await store.gc({ dryRun: true });
  t.true(await holds(store, two));
  const wet = await store.gc();
  t.deepEqual(wet, dry);
  t.is(wet.removedBlobs, 3);
  t.is(wet.bytes, two.manifest.size + two.config.size + 3000);
  t.true(await holds(store, one));
});

test('nested indexes keep what they reach, and absent children are fine', async (t) => {
  const store = await emptyStore(t);
  const [one, absent] = [sampleImage('one'), sampleImage('absent')];
  const inner = json({ schemaVersion: 2, mediaType: INDEX, manifests: [one.manifest, absent.manifest] });
  const innerDescriptor = { mediaType: INDEX, digest: digestOf(inner), size: inner.length };
  const outer = json({ schemaVersion: 2, mediaType: INDEX, manifests: [innerDescriptor] });
  const outerDescriptor = { mediaType: INDEX, digest: digestOf(outer), size: outer.length };
  const base = transferOf(one, await sourceOf(t, one), []);
  const documents = new Map([...base.documents, [innerDescriptor.digest, { descriptor: innerDescriptor, bytes: inner }], [outerDescriptor.digest, { descriptor: outerDescriptor, bytes: outer }]]);
  await store.sink({ pool: threadPool() }).write({ ...base, documents, roots: [{ descriptor: outerDescriptor, names: [NAME], manifestOrigin: 'stored' }] });
  t.like(await store.gc(), { removedBlobs: 0 });
  t.true(await holds(store, one));
});

test('artifacts stay as long as their subject, artifacts of artifacts too', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const sbom = sampleReferrer(image.manifest, 'sbom');
  const signature = sampleReferrer(sbom.manifest, 'signature of the sbom');
  await loadInto(t, store, image, [NAME]);
  await writeBlobs(store.folder, sbom, signature);
  t.like(await store.gc(), { removedBlobs: 0 });
  t.true((await holds(store, sbom)) && (await holds(store, signature)));
  await store.remove([NAME]);
  // The empty config is shared.
  t.like(await store.gc(), { removedBlobs: 4 + 5 });
  t.deepEqual(await readdir(join(store.folder, 'blobs', 'sha256')), []);
});

test('artifact manifests of unknown type keep their blobs', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const blob = json({ hello: 1 });
  const artifact = json({ mediaType: 'application/x', blobs: [{ mediaType: 'text/plain', digest: digestOf(blob), size: blob.length }] });
  const descriptor = { mediaType: 'application/x', digest: digestOf(artifact), size: artifact.length };
  const base = transferOf(image, await sourceOf(t, image), []);
  await store.sink({ pool: threadPool() }).write({ ...base, documents: new Map([...base.documents, [descriptor.digest, { descriptor, bytes: artifact }]]), roots: [...base.roots, { descriptor, names: [], manifestOrigin: 'stored' }] });
  await writeFile(blobPath(store.folder, digestOf(blob)), blob);
  t.like(await store.gc(), { removedBlobs: 0 });
});

test('a damaged manifest stops the collection before anything is deleted', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  await loadInto(t, store, one, ['docker.io/library/one:1']);
  await writeBlobs(store.folder, two);
  await writeFile(blobPath(store.folder, one.manifest.digest), '{}');
  await t.throwsAsync(store.gc(), { code: 'digest-mismatch' });
  t.true(await holds(store, two));
});

test('a lease keeps digests, and what pinned manifests name, until it is released', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  await loadInto(t, store, image, [NAME]);
  const lease = await store.lease([image.manifest.digest]);
  await store.remove([NAME]);
  t.like(await store.gc(), { removedBlobs: 0 });
  t.true(await holds(store, image));
  await lease.release();
  await lease.release();
  t.like(await store.gc(), { removedBlobs: 4 });
});

test('a collection beside a load deletes nothing that the load reuses', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  await loadInto(t, store, one, ['docker.io/library/one:1']);
  await store.remove(['one:1']);
  let goOn = (): void => undefined;
  const collected = new Promise<void>((resolve) => { goOn = resolve; });
  const sink = store.sink({ pool: threadPool({ pause: () => collected }) });
  const writing = sink.write(transferOf(two, await sourceOf(t, two), ['docker.io/library/two:1']));
  while (!(await leasesOf(store)).includes(two.config.digest)) await new Promise((resolve) => setTimeout(resolve, 5));
  t.like(await store.gc().finally(goOn), { removedBlobs: 3, removedLeftovers: 0 });
  t.is((await writing).reused, 1);
  t.true(await holds(store, two));
});

test('a leftover that belongs to no lease goes; foreign files among the blobs stay', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  await loadInto(t, store, image, [NAME]);
  await writeFile(join(store.folder, '.imgkit', 'ingest', '0123456789abcdef-1'), 'half');
  await writeFile(join(store.folder, 'blobs', 'sha256', 'README'), 'mine');
  t.deepEqual(await store.gc(), { removedBlobs: 0, removedLeftovers: 1, bytes: 4 });
  t.true((await readdir(join(store.folder, 'blobs', 'sha256'))).includes('README'));
});

test('what a killed process left beside the lock goes, what a running one has there stays', async (t) => {
  const store = await emptyStore(t);
  const control = join(store.folder, '.imgkit');
  const alive = await thisProcess();
  const dead = { ...alive, startTime: '1' };
  const gone = spawnSync(process.execPath, ['--version']).pid.toString(16).padStart(6, '0');
  const draft = async (name: string): Promise<string> => basename(await newPartPath(join(control, name)));
  const ofTheDead = async (name: string): Promise<string> => (await draft(name)).replace(/[0-9a-f]{6}(?=[0-9a-f]{4}\.part$)/, gone);
  const running = await draft('lock');
  for (const [name, content] of [
    [await ofTheDead('lock'), {}],
    ['break-bbbbbbbbbbbbbbbb', { nonce: 'ffffffffffffffff', ...dead }],
    [await ofTheDead('break-cccccccccccccccc'), {}],
    ['index.json.draft', {}],
    [running, {}],
  ] as const) {
    await writeFile(join(control, name), json(content));
  }
  await store.gc();
  t.deepEqual((await readdir(control)).filter((name) => !['ingest', 'leases'].includes(name)), [running]);
});

test('an absent manifest of the index is no reason to stop', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  await loadInto(t, store, image, [NAME]);
  await unlink(blobPath(store.folder, image.manifest.digest));
  t.like(await store.gc(), { removedBlobs: 3 });
});
