import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { copy, digest, edit, list, load, save, verify } from '../../src/index.js';
import { dockerManifest, dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { hexOf, image, INDEX_TYPE, layer, pack, replace, type BuiltImage, type Json } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
const [app, other] = [image('app'), image('other', { layers: [layer('other')] })];
test.after.always(() => scratch.remove());

const REF_NAME = 'org.opencontainers.image.ref.name';
const CONTAINERD_NAME = 'io.containerd.image.name';

/** An index.json of these entries. */
const indexOf = (entries: readonly (readonly [BuiltImage, Json])[]): Json => ({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: entries.map(([{ descriptor }, annotations]) => ({ ...descriptor, annotations })) });
const layoutOf = (name: string, entries: readonly (readonly [BuiltImage, Json])[]): Promise<string> => scratch.layout(name, ociParts([...new Set(entries.map(([built]) => built))].map((built) => named(built)), indexOf(entries)));
const listed = async (location: string): Promise<readonly (readonly [string, ...string[]])[]> => (await list({ location })).images.map(({ digest: found, names, refName }) => [found, ...(names.length === 0 && refName !== undefined ? [refName] : names)]);
const digestOfApp = app.descriptor.digest;

/** The file `repositories` of a docker archive. */
const repositoriesOf = async (file: string): Promise<string> => /\{"constructor":\{[^}]*\}\}/.exec((await readFile(file)).toString('latin1'))?.[0] ?? '';

test('an image may be called like a part of JavaScript', async (t) => {
  const keys = Object.keys;
  const from = await scratch.write('constructor.tar', pack(hybridParts([named(app, 'constructor:keys')])));
  const output = scratch.path('constructor-docker.tar');
  await save({ images: [from], output, format: 'docker' });
  t.is(Object.keys, keys);
  t.deepEqual(Object.keys(JSON.parse(await repositoriesOf(output)) as object), ['constructor']);
  t.deepEqual((await list({ location: output })).images[0]?.names, ['docker.io/library/constructor:keys']);
});

test('an image of a layout may have several bare names, and each leads to it', async (t) => {
  const folder = await layoutOf('tags', [[app, { [REF_NAME]: '1.9' }], [other, { [REF_NAME]: 'other' }], [app, { [REF_NAME]: 'latest' }]]);
  t.deepEqual(await listed(`oci:${folder}`), [[digestOfApp, '1.9'], [other.descriptor.digest, 'other'], [digestOfApp, 'latest']]);
  for (const tag of ['1.9', 'latest']) t.deepEqual(await listed(`oci:${folder}:${tag}`), [[digestOfApp, tag]]);
  const kept = scratch.path('tags.tar');
  await copy({ from: `oci:${folder}`, to: `oci-archive:${kept}` });
  t.deepEqual(await listed(kept), await listed(`oci:${folder}`));
  t.is((await verify({ target: kept })).findings.filter(({ check, subject }) => check === 'documents' && subject === digestOfApp).length, 1);
});

test('an image of a layout that has several bare names is one image where a target has no place for them, or names it', async (t) => {
  const folder = await layoutOf('one', [[app, { [REF_NAME]: '1.9' }], [app, { [REF_NAME]: 'latest' }]]);
  const stored = await load({ from: `oci:${folder}`, storeFolder: scratch.path('store-one') });
  t.deepEqual(stored.images.map(({ names }) => names), [[]]);
  t.deepEqual(stored.notes.map(({ subject }) => subject), ['1.9']);
  const renamed = await copy({ from: `oci:${folder}`, to: `docker-archive:${scratch.path('one.tar')}:app:2` });
  t.deepEqual(renamed.images.map(({ names }) => names), [['docker.io/library/app:2']]);
  t.is((await copy({ from: `oci:${folder}`, to: `oci:${scratch.path('one-again')}:2` })).images.length, 1);
});

test('an image of a layout that has a full name and a bare one keeps both', async (t) => {
  const folder = await layoutOf('mixed', [[app, { [REF_NAME]: 'latest' }], [app, { [REF_NAME]: 'docker.io/library/app:1' }], [app, {}]]);
  t.deepEqual(await listed(`oci:${folder}`), [[digestOfApp, 'latest'], [digestOfApp, 'docker.io/library/app:1']]);
  const stored = await load({ from: `oci:${folder}`, storeFolder: scratch.path('store-mixed') });
  t.deepEqual(stored.images.map(({ names }) => names), [['docker.io/library/app:1']]);
});

test('an image ID is no name: container runtimes list images under those too', async (t) => {
  const id = app.configDescriptor.digest;
  const annotated = indexOf([[app, { [CONTAINERD_NAME]: 'docker.io/library/app:1', [REF_NAME]: '1' }], [app, { [CONTAINERD_NAME]: id, [REF_NAME]: id }]]);
  const from = await scratch.write('cri.tar', pack(ociParts([named(app)], annotated)));
  t.deepEqual(await listed(from), [[digestOfApp, 'docker.io/library/app:1']]);
  const hybrid = await scratch.write('cri-hybrid.tar', pack([...ociParts([named(app)], annotated), ['manifest.json', JSON.stringify([{ ...dockerManifest([named(app, 'app:1')])[0], RepoTags: ['app:1', id] }])]]));
  t.deepEqual(await listed(hybrid), [[digestOfApp, 'docker.io/library/app:1']]);
  const alone = await scratch.write('cri-alone.tar', pack(ociParts([named(app)], indexOf([[app, { [CONTAINERD_NAME]: id, [REF_NAME]: id }]]))));
  t.deepEqual((await list({ location: alone })).images.map(({ names, refName }) => [names, refName]), [[[], undefined]]);
});

for (const [title, annotations, selector] of [
  ['ref name', { [REF_NAME]: digestOfApp }, digestOfApp],
  ['ref name with a repository', { [REF_NAME]: `app@${digestOfApp}` }, `app@${digestOfApp}`],
  ['full name', { [CONTAINERD_NAME]: `docker.io/library/app@${digestOfApp}` }, `app@${digestOfApp}`],
] as const) {
  test(`who asks by a digest does not get an image that only says so: ${title}`, async (t) => {
    const file = await scratch.write(`pinned-${title.replaceAll(' ', '-')}.tar`, pack(ociParts([named(other)], indexOf([[other, annotations]]))));
    await t.throwsAsync(digest({ target: `${file}#${selector}` }), { code: 'image-not-found' });
  });
}

test('one name for two images of one source is refused, and verify says so; other names of it are served', async (t) => {
  const both = [named(app, 'app:1'), named(other, 'app:1')];
  const docker = await scratch.write('shared.tar', pack(replace(dockerParts('skopeo', both), 'manifest.json', JSON.stringify(dockerManifest(both, { config: (each) => `${each.slice(7)}.json`, layer: (each) => `${each.slice(7)}.tar` })))));
  const folder = await layoutOf('shared', [[app, { [REF_NAME]: 'one' }], [other, { [REF_NAME]: 'one' }], [app, { [REF_NAME]: 'mine' }]]);
  for (const [location, name] of [[docker, 'docker.io/library/app:1'], [`oci:${folder}`, 'one']] as const) {
    const { ok, findings } = await verify({ target: location });
    t.false(ok);
    t.deepEqual(findings.filter(({ status }) => status === 'failed').map(({ check, subject }) => [check, subject]), [['names', name]]);
    await t.throwsAsync(load({ from: location, storeFolder: scratch.path('store-shared') }), { code: 'format-ambiguous' });
  }
  t.is((await copy({ from: `oci:${folder}:mine`, to: scratch.path('mine.tar') })).images[0]?.digest as string, digestOfApp);
});

test('one name for two images of two sources is refused for every archive, before it is there', async (t) => {
  const ofName = async (built: BuiltImage, name: string): Promise<string> => scratch.write(`of-${hexOf(built.descriptor.digest).slice(0, 8)}-${name.replace(':', '-')}.tar`, pack(ociParts([named(built, name)])));
  const full = [await ofName(app, 'app:1'), await ofName(other, 'app:1')];
  const bare = [`oci:${await layoutOf('bare-app', [[app, { [REF_NAME]: 'latest' }]])}`, `oci:${await layoutOf('bare-other', [[other, { [REF_NAME]: 'latest' }]])}`];
  const output = scratch.path('two-sources.tar');
  for (const [images, format] of [[full, 'hybrid'], [full, 'oci'], [full, 'docker'], [bare, 'hybrid'], [bare, 'oci']] as const) {
    await t.throwsAsync(save({ images, output, format }), { code: 'usage', message: /^Two images would both get the name (?:docker\.io\/library\/app:1|latest) / }, format);
    t.false(existsSync(output));
  }
  // A docker archive keeps no bare names, and one image under one name is no clash.
  await save({ images: bare, output, format: 'docker' });
  t.true((await verify({ target: output })).ok);
  await save({ images: [full[0] as string, await ofName(app, 'app:1'), await ofName(other, 'app:2')], output });
  t.true((await verify({ target: output })).ok);
});

test('images of different platforms share a name in an OCI archive, and not where manifest.json knows no platforms', async (t) => {
  const entries = [app, other].map(({ descriptor }, i) => ({ ...descriptor, platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] }, annotations: { [REF_NAME]: 'docker.io/library/app:1' } }));
  const from = await scratch.write('flat.tar', pack(ociParts([named(app), named(other)], { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: entries })));
  const to = scratch.path('flat-out.tar');
  for (const format of ['hybrid', 'docker'] as const) await t.throwsAsync(copy({ from, to, format }), { code: 'usage', message: /would both get the name/ });
  t.false(existsSync(to));
  await copy({ from, to, format: 'oci' });
  t.deepEqual((await verify({ target: to })).findings.filter(({ check, status }) => check === 'names' && status === 'failed'), []);
});

test('what picks an image to read is no name for what is written, and no file of a part of that name is replaced', async (t) => {
  const from = await scratch.write('of-app.tar', pack(ociParts([named(app, 'app:1')])));
  const build = await scratch.write('build', 'mine');
  for (const to of [`${build}#7.tar`, `${scratch.path('new.tar')}#new:1`, `docker-archive:${scratch.path('new.tar')}:@1`, 'http://127.0.0.1:9/new.tar#new:1']) {
    await t.throwsAsync(copy({ from, to }), { code: 'location-invalid', message: /picks an image to read/ }, to);
    await t.throwsAsync(save({ images: [from], output: to }), { code: 'location-invalid' }, to);
  }
  await t.throwsAsync(save({ images: [from], output: 'sftp://me@127.0.0.1:9/new#1.tar' }), { message: /^Location "sftp:\/\/me@127\.0\.0\.1:9\/new#1\.tar": .* written %23\.$/ });
  t.is(await readFile(build, 'utf8'), 'mine');
  t.false(existsSync(scratch.path('new.tar')));
  await copy({ from, to: `${build}#7.tar#` });
  t.true((await verify({ target: `${build}#7.tar#` })).ok);
  t.is(await readFile(build, 'utf8'), 'mine');
});

test('images of different platforms may share a name in a layout', async (t) => {
  const entries = [app, other].map(({ descriptor }, i) => ({ ...descriptor, platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] }, annotations: { [REF_NAME]: 'one' } }));
  const folder = await scratch.layout('platforms', ociParts([named(app), named(other)], { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: entries }));
  t.deepEqual((await verify({ target: `oci:${folder}` })).findings.filter(({ check, status }) => check === 'names' && status === 'failed'), []);
});

test('an archive that holds other images is not replaced by what was made of one of them', async (t) => {
  const file = await scratch.write('two.tar', pack(hybridParts([named(app, 'app:1'), named(other, 'other:1')])));
  const before = await readFile(file);
  const would = { code: 'usage', message: /holds other images \(docker\.io\/library\/other:1\), which would be gone/ } as object;
  await t.throwsAsync(edit({ location: `${file}#app:1`, to: `${file}#app:2`, user: '1' }), would);
  await t.throwsAsync(save({ images: [`${file}#app:1`], output: file }), would);
  t.deepEqual(await readFile(file), before);
  await save({ images: [file], output: file, compress: 'none' });
  t.deepEqual((await listed(file)).map(([, name]) => name), ['docker.io/library/app:1', 'docker.io/library/other:1']);
  const single = await scratch.write('single.tar', pack(hybridParts([named(app, 'app:1')])));
  await edit({ location: single, to: `${single}#app:2`, user: '1' });
  t.deepEqual((await listed(single)).map(([, name]) => name), ['docker.io/library/app:2']);
});
