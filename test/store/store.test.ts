import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openStore } from '../../src/store/store.js';
import { storeFolder } from '../../src/store/store-folder.js';
import { emptyStore, limits, loadInto, sourceOf } from './open-sample.js';
import { sampleImage, transferOf } from './sample-image.js';
import { temporaryFolder } from './temporary-folder.js';
import { threadPool } from './thread-pool.js';

const NAME = 'docker.io/library/app:1.9.6';

test('where the store lies', (t) => {
  t.is(storeFolder({ IMGKIT_HOME: '/a', XDG_DATA_HOME: '/b' }), '/a/store');
  t.is(storeFolder({ IMGKIT_HOME: '', XDG_DATA_HOME: '/b' }), '/b/imgkit/store');
  t.true(storeFolder({ XDG_DATA_HOME: 'relative' }).endsWith('/.local/share/imgkit/store'));
});

test('a new store is private', async (t) => {
  const folder = join(await temporaryFolder(t), 'home', 'store');
  await openStore({ folder, limits });
  t.is((await stat(folder)).mode & 0o777, 0o700);
});

test('an image is found by its names, with its digest, and by the start of its digest', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const { digest } = image.manifest;
  await loadInto(t, store, image, [NAME, 'quay.io/team/app:1']);
  for (const selector of ['app:1.9.6', NAME, 'quay.io/team/app:1', `app@${digest}`, digest, digest.slice(0, 20), digest.slice(7, 19)]) {
    const root = await store.find(selector);
    t.is(root.descriptor.digest, digest, selector);
    t.deepEqual(root.names, [NAME, 'quay.io/team/app:1']);
  }
});

test('what is not found names what is near', async (t) => {
  const store = await emptyStore(t);
  await loadInto(t, store, sampleImage('app'), [NAME]);
  await loadInto(t, store, sampleImage('database'), ['docker.io/library/database:1']);
  const error = await t.throwsAsync(store.find('apq'), { code: 'image-not-found' });
  t.is(error.message, 'apq: no such image in the store; near names: app:1.9.6.');
  await t.throwsAsync(store.find('sha256:0000'), { code: 'image-not-found' });
  await t.throwsAsync(store.find('No Name'), { code: 'reference-invalid' });
});

test('a prefix of several digests is ambiguous', async (t) => {
  const store = await emptyStore(t);
  // Seventeen digests, sixteen digits: two of them start alike.
  for (let i = 0; i < 17; i += 1) await loadInto(t, store, sampleImage(`app${String(i)}`, ['base']), [`docker.io/library/app:${String(i)}`]);
  const firstDigits = (await store.source()).roots.map(({ descriptor }) => descriptor.digest.slice(0, 8));
  const twice = firstDigits.find((digits, i) => firstDigits.indexOf(digits) !== i) ?? '';
  const error = await t.throwsAsync(store.find(twice), { code: 'image-ambiguous' });
  t.regex(error.message, /app:\d+/);
});

test('a made-up manifest is remembered as such', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  await store.sink({ pool: threadPool() }).write(transferOf(image, await sourceOf(t, image), [NAME], { manifestOrigin: 'synthesized' }));
  t.is((await store.find(NAME)).manifestOrigin, 'synthesized');
  t.like((await store.tag(NAME, ['other:1'])).root, { manifestOrigin: 'synthesized' });
  t.is((await store.find('other:1')).manifestOrigin, 'synthesized');
});

test('a name stays with its image unless forced, and nothing is written before that is known', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  await loadInto(t, store, one, [NAME]);
  const error = await t.throwsAsync(loadInto(t, store, two, [NAME]), { code: 'tag-would-move' });
  t.true(error.message.includes(one.manifest.digest) && error.message.includes(two.manifest.digest));
  const source = await store.source();
  t.is(await source.blobs.stat(two.config.digest), undefined);
  await loadInto(t, store, one, [NAME]);
  await loadInto(t, store, two, [NAME], { force: true });
  t.is((await store.find(NAME)).descriptor.digest, two.manifest.digest);
});

test('a name that is taken between the first look and the commit stays too', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  let other: Promise<unknown> | undefined;
  const slow = store.sink({ pool: threadPool({ pause: () => (other ??= loadInto(t, store, two, [NAME])) }) });
  await t.throwsAsync(slow.write(transferOf(one, await sourceOf(t, one), [NAME])), { code: 'tag-would-move' });
  await slow.discard();
  t.is((await store.find(NAME)).descriptor.digest, two.manifest.digest);
  t.is(await (await store.source()).blobs.stat(one.config.digest), undefined);
});

test('tag adds a name, under the same policy', async (t) => {
  const store = await emptyStore(t);
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  await loadInto(t, store, one, []);
  await loadInto(t, store, two, ['docker.io/library/two:1']);
  t.deepEqual((await store.tag(one.manifest.digest, ['one'])).root.names, ['docker.io/library/one:latest']);
  t.is((await store.source()).roots.length, 2);
  await t.throwsAsync(store.tag('one', ['two:1']), { code: 'tag-would-move' });
  await t.throwsAsync(store.tag('one', ['one:new', 'two:1']), { code: 'tag-would-move' });
  await t.throwsAsync(store.find('one:new'), { code: 'image-not-found' });
  const { added, moved, kept } = await store.tag('one', ['one', 'two:1', 'one:2'], { force: true });
  t.deepEqual({ added, moved, kept }, { added: ['docker.io/library/one:2'], moved: ['docker.io/library/two:1'], kept: ['docker.io/library/one:latest'] });
  t.deepEqual((await store.find('two:1')).names.toSorted(), ['docker.io/library/one:2', 'docker.io/library/one:latest', 'docker.io/library/two:1']);
  await t.throwsAsync(store.tag('one', [`x@${one.manifest.digest}`]), { code: 'reference-invalid' });
  const { manifests } = JSON.parse(await readFile(join(store.folder, 'index.json'), 'utf8')) as { manifests: unknown[] };
  t.is(manifests.length, 3);
});

test('no more names than can be read again: nobody could take one out', async (t) => {
  const { folder } = await emptyStore(t);
  for (const few of [{ ...limits, descriptors: 2 }, { ...limits, documentBytes: 1000 }]) {
    const store = await openStore({ folder, limits: few });
    await loadInto(t, store, sampleImage('app'), [NAME, 'docker.io/library/app:2']);
    const refused = { code: 'limit-exceeded', message: /Remove some first: imgkit rm\.$/ } as const;
    await t.throwsAsync(store.tag(NAME, ['app:3', 'app:4']), refused);
    await t.throwsAsync(loadInto(t, store, sampleImage('other'), ['docker.io/library/other:1', 'docker.io/library/other:2']), refused);
    t.is((await store.source()).roots.flatMap(({ names }) => names).length, 2);
    t.is((await store.gc()).removedBlobs, 0);
    t.is((await store.remove([NAME, 'app:2'])).length, 2);
  }
});

test('an image that another tool gave a bare name stays for that one', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const { digest } = image.manifest;
  await loadInto(t, store, image, [NAME]);
  const file = join(store.folder, 'index.json');
  const index = JSON.parse(await readFile(file, 'utf8')) as { manifests: object[] };
  index.manifests.push({ ...image.manifest, annotations: { 'org.opencontainers.image.ref.name': 'theirs' } });
  await writeFile(file, JSON.stringify(index));
  t.deepEqual(await store.remove([NAME]), [{ name: NAME, digest, dropped: false }]);
  await t.throwsAsync(store.find('theirs'), { code: 'image-not-found', message: new RegExp(`what another tool calls ${digest}`) });
  t.is((await store.find(digest)).refName, 'theirs');
  t.deepEqual(await store.remove([digest]), [{ name: undefined, digest, dropped: true }]);
  await t.throwsAsync(store.find(digest), { code: 'image-not-found' });
});

test('remove takes names, the image goes with its last, and it is all or nothing', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const { digest } = image.manifest;
  await loadInto(t, store, image, [NAME, 'docker.io/library/app:latest']);
  await t.throwsAsync(store.remove([NAME, 'nothing:1']), { code: 'image-not-found' });
  await t.throwsAsync(store.remove([digest]), { code: 'image-ambiguous' });
  t.deepEqual(await store.remove(['app']), [{ name: 'docker.io/library/app:latest', digest, dropped: false }]);
  t.deepEqual((await store.find(digest)).names, [NAME]);
  t.deepEqual(await store.remove([digest]), [{ name: NAME, digest, dropped: true }]);
  t.deepEqual((await store.source()).roots, []);
});

test('remove takes the name that stands before a digest, and no other', async (t) => {
  const store = await emptyStore(t);
  const image = sampleImage('app');
  const { digest } = image.manifest;
  await loadInto(t, store, image, [NAME, 'docker.io/library/app:latest']);
  for (const selector of [`other@${digest}`, `app:2@${digest}`]) await t.throwsAsync(store.remove([selector]), { code: 'image-not-found', message: /is called docker\.io\/library\/app:1\.9\.6, / });
  await t.throwsAsync(store.remove([`app@${digest}`]), { code: 'image-ambiguous' });
  t.deepEqual(await store.remove([`app:latest@${digest}`]), [{ name: 'docker.io/library/app:latest', digest, dropped: false }]);
  await t.throwsAsync(store.remove([`other@${digest}`]), { code: 'image-not-found' });
  t.deepEqual(await store.remove([`app@${digest}`]), [{ name: NAME, digest, dropped: true }]);
});
