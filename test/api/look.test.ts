import { readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { digest, edit, encrypt, files, history, inspect, keygen, list, load, readRaw, tag, verify, type ListedMember } from '../../src/index.js';
import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { describe, image, index, layer, pack, sha256, TYPES } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app', {
  config: (value) => ({ ...value, author: 'somebody', config: { Cmd: ['/bin/sh'], Labels: { 'org.opencontainers.image.title': 'App', 'org.label-schema.version': '1.9.6', __proto__: 'x' } } }),
  manifest: (value) => ({ ...value, annotations: { 'org.opencontainers.image.revision': 'abc' } }),
});
const other = image('other');
const elsewhere = { ...describe(TYPES.oci.manifest, Buffer.from('elsewhere')), platform: { os: 'linux', architecture: 's390x' } };
const docker = scratch.writeNow('docker.tar', pack(dockerParts('docker20', [named(image('plain', { layers: [layer('base'), layer('plain')] }), 'plain:1')])));
const oci = scratch.writeNow('oci.tar', pack(ociParts([named(app, 'app:1.9.6'), named(other, 'quay.io/team/other:2'), named(index([app.descriptor, elsewhere], [app]))])));
const hybrid = scratch.writeNow('hybrid.tar', pack(hybridParts([named(app, 'app:1.9.6')])));

test('list: names, digests, platforms, members, sizes', async (t) => {
  const { images, format, notes } = await list({ location: oci });
  t.is(format, 'oci-archive');
  t.deepEqual(notes, []);
  t.deepEqual(images.map(({ names, digest: id, kind, imageId }) => ({ names, id, kind, imageId })), [
    { names: ['docker.io/library/app:1.9.6'], id: app.descriptor.digest, kind: 'image', imageId: app.configDescriptor.digest },
    { names: ['quay.io/team/other:2'], id: other.descriptor.digest, kind: 'image', imageId: other.configDescriptor.digest },
    { names: [], id: images[2]?.digest, kind: 'index', imageId: undefined },
  ] as never);
  t.is(images[0]?.size, app.config.length + app.layers.reduce((sum, { stored }) => sum + stored.length, 0));
  t.is(images[0]?.created, '2024-01-01T00:00:00Z');
  t.deepEqual(images[2]?.members?.map(({ present, kind }) => [present, kind]), [[true, 'image'], [false, 'image']]);
});

test('list: an index within an index shows its members too, and so does inspect', async (t) => {
  const inner = index([app.descriptor, elsewhere], [app]);
  const nested = await scratch.write('nested.tar', pack(ociParts([named(index([inner.descriptor, other.descriptor], [inner, other]), 'nested:1')])));
  const shown = [[inner.descriptor.digest, 'index', [[app.descriptor.digest, true], [elsewhere.digest, false]]], [other.descriptor.digest, 'image', undefined]];
  for (const { members } of [(await list({ location: nested })).images[0] ?? {}, await inspect({ location: nested, platform: 'linux/amd64' })]) {
    t.deepEqual(members?.map(({ digest: id, kind, members: inside }) => [id, kind, inside?.map((each) => [each.digest, each.present])]), shown as never);
  }
});

test('list: indexes that name one another over and over are shown once', async (t) => {
  const many = 60;
  let inner = index([app.descriptor], [app]);
  for (let depth = 0; depth < 3; depth += 1) inner = index(Array.from({ length: many }, () => inner.descriptor), [inner]);
  const { images } = await list({ location: await scratch.write('over.tar', pack(ociParts([named(inner, 'over:1')]))) });
  const count = (members: readonly ListedMember[] = []): number => members.reduce((sum, each) => sum + 1 + count(each.members), 0);
  t.is(count(images[0]?.members), 3 * many + 1);
});

test('list of an empty store is empty', async (t) => {
  t.deepEqual((await list({ storeFolder: scratch.path('empty') })).images, []);
});

test('inspect: what an image says about itself', async (t) => {
  const result = await inspect({ location: hybrid });
  t.like(result, { format: 'hybrid', digest: app.descriptor.digest, manifestOrigin: 'stored', imageId: app.configDescriptor.digest, author: 'somebody', kind: 'image', platform: { os: 'linux', architecture: 'amd64' } });
  t.deepEqual(result.layers.map(({ diffId, createdBy, descriptor }) => [diffId, createdBy, descriptor.digest]), app.layers.map(({ diffId, descriptor }, i) => [diffId, `step ${i}`, descriptor.digest]) as never);
  const about = new Map(result.about.map(({ field, value }) => [field, value]));
  t.deepEqual([about.get('revision'), about.get('title'), about.get('version')], ['abc', 'App', '1.9.6']);
  t.is(result.annotations?.get('org.opencontainers.image.revision'), 'abc');
  // Who logs a result sees what is in its Maps.
  const logged = JSON.parse(JSON.stringify(result)) as { labels: unknown; annotations: unknown };
  t.deepEqual(logged.labels, Object.fromEntries(result.labels ?? []));
  t.deepEqual(logged.annotations, Object.fromEntries(result.annotations ?? []));
});

test('inspect of several images asks which, naming them', async (t) => {
  const error = await t.throwsAsync(inspect({ location: oci }), { code: 'image-ambiguous' });
  t.regex(error.message, /app:1\.9\.6/);
  for (const location of [`${oci}#app:1.9.6`, `oci-archive:${oci}:docker.io/library/app:1.9.6`, `${oci}#${app.descriptor.digest}`]) t.is((await inspect({ location })).digest, app.descriptor.digest as never, location);
  const missing = await t.throwsAsync(inspect({ location: `${oci}#nothing:1` }), { code: 'image-not-found' });
  t.regex(missing.message, /quay\.io\/team\/other:2/);
  await t.throwsAsync(inspect({ location: `docker-archive:${docker}:@1` }), { code: 'image-not-found' });
});

test('an image that lost a layer is called incomplete, and nothing about it legal', async (t) => {
  const [lost] = app.layers;
  const cut = await scratch.write('cut.tar', pack(ociParts([named({ ...app, blobs: new Map([...app.blobs].filter(([digest]) => digest !== lost?.descriptor.digest)) }, 'cut:1')])));
  const { layers, notes } = await inspect({ location: cut });
  t.true(layers.every(({ absent }) => absent === undefined));
  t.like(notes.find(({ check }) => check === 'closure'), { status: 'failed', subject: lost?.descriptor.digest });
  const incomplete = { code: 'blob-missing', message: /names sha256:[0-9a-f]{64}, which is not there; the image is incomplete/ } as object;
  for (const look of [files, history, edit]) await t.throwsAsync(look({ location: cut, to: scratch.path('never.tar'), labels: new Map([['a', 'b']]) }), incomplete);
  await t.throwsAsync(readRaw({ location: cut, what: 'config' }), incomplete);
  await t.throwsAsync(files({ location: cut, platform: 'linux/amd64' }), incomplete);
});

test('readRaw gives the exact bytes', async (t) => {
  t.deepEqual(Buffer.from(await readRaw({ location: hybrid, what: 'manifest' })), app.manifest);
  t.deepEqual(Buffer.from(await readRaw({ location: hybrid, what: 'config' })), app.config);
  const made = await readRaw({ location: docker, what: 'manifest' });
  t.is(sha256(made), (await inspect({ location: docker })).digest);
});

test('history: newest first, empty steps without a layer, as docker prints it', async (t) => {
  const { lines, imageId } = await history({ location: hybrid });
  t.is(imageId, app.configDescriptor.digest as never);
  t.deepEqual(lines.map(({ id, createdBy, emptyLayer, layer: blob, size }) => [id, createdBy, emptyLayer, blob, size]), [
    [app.configDescriptor.digest, 'step 1', false, app.layers[1]?.descriptor.digest, app.layers[1]?.stored.length],
    ['<missing>', 'ENV PATH=/bin', true, undefined, 0],
    ['<missing>', 'step 0', false, app.layers[0]?.descriptor.digest, app.layers[0]?.stored.length],
  ] as never);
  const bare = await scratch.write('bare.tar', pack(ociParts([named(image('bare', { config: ({ history: _, ...value }) => value }), 'bare:1')])));
  t.is((await history({ location: bare })).lines.length, 2);
});

test('digest: of the file, its manifests and configs', async (t) => {
  const result = await digest({ target: hybrid });
  t.is(result.file, sha256(await readFile(hybrid)) as never);
  t.deepEqual(result.images, [{ names: ['docker.io/library/app:1.9.6'], manifest: app.descriptor.digest, config: app.configDescriptor.digest, manifestOrigin: 'stored' }] as never);
  const text = await scratch.write('notes.txt', 'no image');
  t.deepEqual(await digest({ target: text }), { location: text, file: sha256('no image') as never, images: [], notes: [] });
  const cut = await scratch.write('cut.tar.gz', gzipSync(await readFile(hybrid)).subarray(0, 500));
  const broken = await digest({ target: cut });
  t.deepEqual([broken.file, broken.images, broken.notes.map(({ status }) => status)], [sha256(await readFile(cut)) as never, [], ['note']]);
  t.regex(broken.notes[0]?.message ?? '', /cut short/);
  const keys = await Promise.all(['mine', 'other'].map((name) => keygen({ type: 'age', name, folder: scratch.path('digest-keys') })));
  const sealed = scratch.path('sealed.tar.age');
  await encrypt({ input: hybrid, output: sealed, recipients: [keys[0]?.publicLine ?? ''] });
  const closed = await digest({ target: sealed });
  t.deepEqual([closed.file, closed.images], [sha256(await readFile(sealed)) as never, []]);
  t.regex(closed.notes[0]?.message ?? '', /encrypted for 1 recipient/);
  t.is((await digest({ target: sealed, decryption: { identities: [scratch.path('digest-keys', 'mine.agekey')] } })).images.length, 1);
  await t.throwsAsync(digest({ target: sealed, decryption: { identities: [scratch.path('digest-keys', 'other.agekey')] } }), { code: 'decryption-refused' } as object);
});

test('verify --expect says what matched', async (t) => {
  const file = sha256(await readFile(hybrid));
  for (const [expect, matched] of [[file, 'file'], [app.descriptor.digest, 'manifest'], [app.configDescriptor.digest, 'config']] as const) {
    const report = await verify({ target: hybrid, expect });
    t.deepEqual([report.ok, report.matched], [true, matched]);
  }
  const wrong = await verify({ target: hybrid, expect: sha256('other') });
  t.false(wrong.ok);
  t.deepEqual(wrong.findings.filter(({ status }) => status === 'failed').map(({ check }) => check), ['expected-digest']);
  await t.throwsAsync(verify({ target: hybrid, expect: 'sha256:abc' }), { code: 'usage', message: /^--expect: / } as object);
});

test('standard input has a digest too, as it came, also when it cannot be read', async (t) => {
  const input = (bytes: Uint8Array): AsyncIterable<Uint8Array> => (async function* () {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  })();
  for (const bytes of [await readFile(hybrid), gzipSync(await readFile(hybrid))]) {
    const result = await digest({ target: '-', stdin: input(bytes) });
    t.deepEqual([result.file, result.images.length], [sha256(bytes) as never, 1]);
    const report = await verify({ target: '-', stdin: input(bytes), expect: sha256(bytes) });
    t.deepEqual([report.ok, report.matched], [true, 'file']);
    t.is((await verify({ target: '-', stdin: input(bytes), expect: app.configDescriptor.digest })).matched, 'config');
    t.false((await verify({ target: '-', stdin: input(bytes), expect: sha256('other') })).ok);
  }
  const damaged = gzipSync(await readFile(hybrid)).fill(0, 500, 600);
  t.is((await digest({ target: '-', stdin: input(damaged) })).file, sha256(damaged) as never);
  t.is((await verify({ target: '-', stdin: input(damaged), expect: sha256(damaged) })).matched, 'file');
  await t.throwsAsync(digest({ target: '-', stdin: input(Buffer.of()) }), { code: 'format-unknown', message: /is empty/ } as object);
});

test('verify makes every check of a good archive, and gives each a line', async (t) => {
  const { findings, ok, images } = await verify({ target: hybrid });
  t.true(ok);
  t.deepEqual(images.map(({ digest: id }) => id), [app.descriptor.digest as never]);
  const checks = new Set(findings.map(({ check }) => check));
  for (const check of ['archive-structure', 'documents', 'names', 'closure', 'media-types', 'blob', 'diff-id', 'layer-structure', 'config', 'counts'] as const) t.true(checks.has(check), check);
  t.true(findings.every(({ message, subject }) => message !== '' && subject !== ''));
});

test('verify goes on after the first fault', async (t) => {
  const bytes = pack(ociParts([named(app, 'app:1'), named(other, 'other:1')]));
  for (const { stored } of [app.layers[1], other.layers[1]].flatMap((each) => each ?? [])) {
    const at = bytes.indexOf(stored) + stored.length - 9;
    bytes[at] = (bytes[at] as number) ^ 1;
  }
  const report = await verify({ target: await scratch.write('two-faults.tar', bytes) });
  t.is(report.findings.filter(({ status, check }) => status === 'failed' && (check === 'blob' || check === 'layer-structure')).length, 2);
});

test('a tag moves only by force', async (t) => {
  const storeFolder = scratch.path('tags');
  await load({ from: hybrid, storeFolder });
  await load({ from: hybrid, storeFolder });
  const second = await scratch.write('second.tar', pack(hybridParts([named(other, 'app:1.9.6')])));
  const error = await t.throwsAsync(load({ from: second, storeFolder }), { code: 'tag-would-move' });
  t.true(error.message.includes(app.descriptor.digest) && error.message.includes('force'), error.message);
  t.is((await inspect({ location: 'store:app:1.9.6', storeFolder })).digest, app.descriptor.digest as never);
  await load({ from: second, storeFolder, force: true });
  t.is((await inspect({ location: 'store:app:1.9.6', storeFolder })).digest, other.descriptor.digest as never);
  t.deepEqual((await tag({ from: 'app:1.9.6', to: 'app:stable', storeFolder })).added, ['docker.io/library/app:stable']);
});

const wrong: readonly [string, string][] = [
  ['nowhere.tar', 'file-not-found'], ['oci:/nowhere', 'file-not-found'], ['', 'location-invalid'], ['dir:/tmp', 'location-unsupported'],
  ['gopher://example.com/a.tar', 'location-unsupported'], ['Upper:1', 'reference-invalid'], ['nothing:1', 'image-not-found'], [scratch.folder, 'location-unsupported'], [`oci:${scratch.folder}`, 'format-unknown'],
];
for (const [location, code] of wrong) {
  test(`a location that is wrong: ${location.replace(scratch.folder, 'FOLDER') || 'empty'}: ${code}`, async (t) => {
    const storeFolder = scratch.path('none');
    const error = await t.throwsAsync(inspect({ location, storeFolder }), { code });
    t.regex(error.message, /[.)]$/);
    await t.throwsAsync(verify({ target: location, storeFolder }).then(({ ok }) => (ok ? undefined : Promise.reject(Object.assign(new Error(), { code })))), { code });
  });
}

test('a tar made of a folder and not of what is in it is told how it is made', async (t) => {
  const location = await scratch.write('folder.tar', pack([['img/oci-layout', '{"imageLayoutVersion":"1.0.0"}'], ['img/index.json', '{}']]));
  await t.throwsAsync(list({ location }), { code: 'format-unknown', message: /oci-layout is there in a folder.*tar -C FOLDER -cf NEW\.tar \.$/ });
});

test('list of a store: a damaged image is told, and the others are still there', async (t) => {
  const storeFolder = scratch.path('damaged');
  await load({ from: oci, storeFolder });
  const names = async (): Promise<readonly (readonly string[])[]> => (await list({ storeFolder })).images.map((each) => each.names);
  const all = await names();
  const manifest = `${storeFolder}/blobs/${app.descriptor.digest.replace(':', '/')}`;
  await writeFile(manifest, '{}');
  for (const code of ['size-mismatch', 'blob-missing'] as const) {
    if (code === 'blob-missing') await rm(manifest);
    t.deepEqual(await names(), all);
    const { images, notes } = await list({ storeFolder });
    t.is(images.find(({ digest: id }) => id === app.descriptor.digest)?.size, undefined);
    t.deepEqual(notes.map(({ subject }) => subject).slice(0, 1), ['docker.io/library/app:1.9.6']);
    t.regex(notes[0]?.message ?? '', /load the image again, or remove it/);
    await t.throwsAsync(list({ location: 'store:app:1.9.6', storeFolder }), { code });
  }
});
