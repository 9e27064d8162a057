import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { append, commit, edit, flatten, history, importImage, inspect, list, readRaw, rebase, squash, verify, type InspectResult, type ProgressEvent } from '../../src/index.js';
import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, index, layer, layerTar, pack, sha256, type BuiltImage } from '../helpers/image-builder.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';
import { serve } from '../network/http-server.js';
import { END, raw, type RawFields } from '../hostile/tar-builder.js';
import { makeScratch, storeEntries, storeLeftovers } from '../helpers/scratch.js';

const scratch = makeScratch();
const storeFolder = scratch.path('store');
const common = { storeFolder };
const app = image('app');
const base: BuiltImage = image('base', { layers: [layer('base', { gzip: true })], config: (config) => ({ ...config, config: { Env: ['PATH=/bin', 'BASE=1'] }, odd: { kept: true } }) });
const onBase: BuiltImage = image('onbase', { layers: [layer('base', { gzip: true }), layer('top', { gzip: true })], config: (config) => ({ ...config, config: { Env: ['PATH=/bin', 'BASE=1', 'APP=1'] } }) });
const newBase: BuiltImage = image('newbase', { layers: [layer('new', { gzip: true }), layer('newer')], config: (config) => ({ ...config, config: { Env: ['PATH=/bin', 'BASE=2'] } }) });

test.before(async () => {
  for (const [name, built] of [['app', app], ['base', base], ['onbase', onBase], ['newbase', newBase]] as const) await scratch.write(`${name}.tar`, pack(hybridParts([named(built, `${name}:1`)])));
});
test.after.always(() => scratch.remove());

const at = (name: string): string => scratch.path(name);
const diffIds = (inspected: InspectResult): readonly (string | undefined)[] => inspected.layers.map(({ diffId }) => diffId);
const config = async (location: string): Promise<Record<string, unknown> & { config: Record<string, unknown>; history: Record<string, unknown>[] }> => JSON.parse(Buffer.from(await readRaw({ ...common, location, what: 'config' })).toString()) as never;

test.serial('edit: layers stay bit for bit, the config says what changed, and so does the history', async (t) => {
  const result = await edit({ ...common, location: at('app.tar'), to: 'edited:1', env: new Map([['PATH', '/x'], ['NEW', 'a b']]), labels: new Map([['l', 'v']]), entrypoint: '["/e"]', user: '1:2', workdir: '/w', annotations: new Map([['a', 'b']]) });
  t.deepEqual(result.names, ['docker.io/library/edited:1']);
  t.is(result.reused, 0);
  const edited = await inspect({ ...common, location: 'edited:1' });
  t.deepEqual(edited.layers.map(({ descriptor: { digest } }) => digest as string), app.layers.map(({ descriptor: { digest } }) => digest));
  const document = await config('edited:1');
  t.deepEqual(document.config, { Env: ['PATH=/x', 'NEW=a b'], Labels: { l: 'v', title: 'app' }, User: '1:2', WorkingDir: '/w', Entrypoint: ['/e'] });
  t.deepEqual(document.history.at(-1), { created: '2024-01-01T00:00:00Z', created_by: 'ENV PATH=/x; ENV NEW=a b; LABEL l=v; USER 1:2; WORKDIR /w; ENTRYPOINT ["/e"]', comment: 'imgkit edit', empty_layer: true });
  t.is(edited.annotations?.get('a'), 'b');
  t.true((await verify({ ...common, target: 'store:edited:1' })).ok);
});

test.serial('edit: annotations alone keep the image ID; fields without a name here stay; nothing to do is refused', async (t) => {
  const { imageId, digest } = await edit({ ...common, location: at('base.tar'), to: 'annotated:1', annotations: new Map([['a', 'b']]) });
  t.is<string, string>(imageId, base.configDescriptor.digest);
  t.not<string, string>(digest, base.descriptor.digest);
  await edit({ ...common, location: at('base.tar'), to: 'authored:1', author: 'me', created: '1700000000' });
  t.like(await config('authored:1'), { odd: { kept: true }, author: 'me', created: '2023-11-14T22:13:20Z' });
  await t.throwsAsync(edit({ ...common, location: at('base.tar'), to: 'nothing:1' }), { code: 'usage', message: /Nothing is to be changed/ });
  await t.throwsAsync(edit({ ...common, location: at('base.tar'), to: 'nothing:1', created: 'yesterday' }), { code: 'usage' });
  await t.throwsAsync(edit({ ...common, location: at('base.tar'), to: 'store:', user: '1' }), { code: 'usage' });
});

test.serial('edit: the same change gives the same digest; a name does not move unless forced', async (t) => {
  const change = (to: string, user: string, force?: boolean) => edit({ ...common, location: at('app.tar'), to, user, force });
  const first = await change('same:1', '1');
  t.is((await change('same:2', '1')).digest, first.digest);
  await t.throwsAsync(change('same:1', '2'), { code: 'tag-would-move' });
  t.not((await change('same:1', '2', true)).digest, first.digest);
  t.deepEqual(await storeLeftovers(storeFolder), []);
});

test.serial('edit: into archives of every format, named or with the name it had; from docker archives and indexes', async (t) => {
  await scratch.write('docker.tar', pack(dockerParts('skopeo', [named(app, 'app:1')])));
  await scratch.write('index.oci', pack(ociParts([named(index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...base.descriptor, platform: { os: 'linux', architecture: 's390x' } }], [app, base]), 'many:1')])));
  for (const [from, to, name, platform] of [
    ['docker.tar', 'out.tar', 'docker.io/library/app:1'], ['docker.tar', 'named.tar#other:2', 'docker.io/library/other:2'], ['app.tar', 'docker-archive:d.tar:x:1', 'docker.io/library/x:1'],
    ['index.oci', 'picked.oci', 'docker.io/library/many:1', 'linux/amd64'],
  ] as const) {
    const target = to.replace(/^(docker-archive:)?/, (prefix) => `${prefix}${scratch.folder}/`);
    const made = await edit({ ...common, location: at(from), to: target, user: '7', ...(platform === undefined ? {} : { platform }) });
    t.deepEqual(made.names, [name], to);
    const report = await verify({ ...common, target: target.replace(/#.*/, '').replace(/:x:1$/, '') });
    t.true(report.ok, to);
    t.deepEqual(report.images.map(({ names }) => names), [[name]], to);
  }
  t.is((await edit({ ...common, location: at('index.oci'), to: 'picked:1', user: '7', platform: 'linux/s390x' })).sourceDigest as string, base.descriptor.digest);
});

test.serial('append: tars as they are, compressed ones bit for bit, folders sorted', async (t) => {
  mkdirSync(at('folder/sub'), { recursive: true });
  writeFileSync(at('folder/sub/file'), 'content');
  writeFileSync(at('folder/.wh.gone'), '');
  symlinkSync('sub/file', at('folder/link'));
  const tar = layerTar('plain');
  const packed = gzipSync(layerTar('packed'), { level: 1 });
  await scratch.write('plain.tar', tar);
  await scratch.write('packed.tar.gz', packed);
  const call = (to: string) => append({ ...common, location: at('app.tar'), to, layers: [at('plain.tar'), at('packed.tar.gz'), at('folder')], owner: '0:0' });
  const result = await call('appended:1');
  t.is((await call('appended:2')).digest, result.digest);
  t.deepEqual(result.layers.map(({ diffId }) => diffId as string).slice(0, 2), [sha256(tar), sha256(layerTar('packed'))]);
  t.is(result.layers[1]?.digest as string, sha256(packed));
  const inspected = await inspect({ ...common, location: 'appended:1' });
  t.deepEqual(diffIds(inspected).slice(0, 2), app.layers.map(({ diffId }) => diffId) as never);
  t.is(inspected.layers.length, 5);
  t.deepEqual((await history({ ...common, location: 'appended:1' })).lines.slice(0, 3).map(({ createdBy }) => createdBy), ['imgkit append --layer folder', 'imgkit append --layer packed.tar.gz', 'imgkit append --layer plain.tar']);
  t.true((await verify({ ...common, target: 'store:appended:1' })).ok);
  t.true(result.notes.some(({ message }) => message.startsWith('extended attributes')));
  t.is(result.notes.filter(({ message }) => message.endsWith('--owner is for folders')).length, 1);
  await t.throwsAsync(append({ ...common, location: at('app.tar'), to: 'appended:3', layers: [at('folder'), at('plain.tar')], exclude: ['*.key'] }), { code: 'usage', message: /plain\.tar: a tar becomes a layer as it is, so --exclude leaves nothing out/ });
});

test.serial('append: what is no layer is refused, and nothing stays behind', async (t) => {
  await scratch.write('bad.tar', layerTar('x').subarray(0, 1100));
  await scratch.write('bad.tar.gz', gzipSync(layerTar('x')).subarray(0, 90));
  await scratch.write('bad.tar.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]));
  const before = await storeEntries(storeFolder);
  for (const [name, code] of [['bad.tar', 'tar-truncated'], ['bad.tar.gz', 'compression-malformed'], ['bad.tar.xz', 'compression-malformed'], ['none.tar', 'file-not-found']] as const) {
    await t.throwsAsync(append({ ...common, location: at('app.tar'), to: 'bad:1', layers: [at(name)] }), { code }, name);
  }
  t.deepEqual(await storeEntries(storeFolder), before);
  t.deepEqual(await storeLeftovers(storeFolder), []);
});

test.serial('append: what the tar itself makes impossible is refused, and a hard link that leads out of it is told, or what it gives twice', async (t) => {
  const tarOf = (...entries: readonly RawFields[]): Buffer => Buffer.concat([...entries.map((each) => raw(each)), END]);
  const call = (name: string) => append({ ...common, location: at('app.tar'), to: `alone:${name}`, layers: [at(`${name}.tar`)] });
  await scratch.write('below.tar', tarOf({ name: 'f' }, { name: 'f/x' }));
  await t.throwsAsync(call('below'), { code: 'tar-malformed', message: /below\.tar: entry "f\/x" at offset 512: it lies below "f", which is no folder/ });
  for (const [name, entries, told] of [
    ['out', [{ name: 'etc/', type: '5' }, { name: 'etc/a', type: '1', link: 'bin/sh' }], true],
    ['late', [{ name: 'a', type: '1', link: 'b' }, { name: 'b' }], true],
    ['inside', [{ name: 'f' }, { name: 'd/', type: '5' }, { name: 'd/f', type: '1', link: './f' }, { name: 'f/', type: '5' }, { name: 'f/x' }, { name: 'l', type: '2', link: 'd' }, { name: 'l/g' }, { name: 'm', type: '1', link: 'l/f' }, { name: 'k', type: '1', link: 'l' }, { name: 'k/h' }], false],
  ] as const) {
    await scratch.write(`${name}.tar`, tarOf(...entries));
    const { notes } = await call(name);
    t.is(notes.some(({ message }) => /^the hard link "\S+" leads to "\S+", which the layer does not hold/.test(message)), told, name);
    t.is(notes.some(({ message }) => message.startsWith('"f" stands in the layer twice')), name === 'inside', name);
  }
});

test.serial('import and append take a URL; its query stays secret', async (t) => {
  const tar = layerTar('rootfs');
  await scratch.write('served.tar', tar);
  const { origin, requests } = await serve(t, (request, response) => {
    if (!request.url?.startsWith('/a/served.tar?')) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-length': tar.length }).end(request.method === 'HEAD' ? undefined : tar);
  });
  const call = (rootfs: string) => importImage({ ...common, rootfs, to: 'fetched:1', force: true, message: undefined });
  const plain = await call(at('served.tar'));
  const fetched = await call(`${origin}/a/served.tar?signature=secret`);
  t.is(fetched.digest, plain.digest);
  t.is((await call(pathToFileURL(at('served.tar')).href)).digest, plain.digest);
  t.true(requests.length > 0);
  t.false(JSON.stringify([fetched, await config('fetched:1')]).includes('secret'));
  const appended = await append({ ...common, location: at('app.tar'), to: 'fetched:2', layers: [`${origin}/a/served.tar?signature=secret`] });
  t.is(appended.layers[0]?.diffId as string, sha256(tar));
  t.false(JSON.stringify([appended, await config('fetched:2')]).includes('secret'));
  await t.throwsAsync(call(`${origin}/none.tar`), { code: 'file-not-found' });
  await t.throwsAsync(call('gopher://host/a.tar'), { code: 'location-unsupported' });
  await t.throwsAsync(call(`${origin}/a/served.tar?x#app`), { code: 'location-invalid' });
});

test.serial('import: a folder, its tar, compressed or from a stream make one layer; changes and times', async (t) => {
  const tar = layerTar('rootfs');
  await scratch.write('rootfs.tar', tar);
  await scratch.write('rootfs.tgz', gzipSync(tar));
  async function* stdin(): AsyncIterable<Uint8Array> {
    for (let i = 0; i < tar.length; i += 333) yield tar.subarray(i, i + 333);
  }
  const made = [];
  for (const rootfs of [at('rootfs.tar'), at('rootfs.tgz'), '-']) made.push(await importImage({ ...common, stdin: stdin(), rootfs, to: 'imported:1', force: true, platform: 'linux/arm64/v8', changes: ['ENTRYPOINT ["/hello"]', 'ENV A=1 B=$A'], message: 'hi', created: '2020-02-02T02:02:02Z' }));
  t.is(new Set(made.map(({ digest }) => digest)).size, 1);
  t.deepEqual(await config('imported:1'), {
    architecture: 'arm64', variant: 'v8', os: 'linux', config: { Entrypoint: ['/hello'], Env: ['A=1', 'B='] }, created: '2020-02-02T02:02:02Z', comment: 'hi',
    history: [{ created: '2020-02-02T02:02:02Z', created_by: 'imgkit import', comment: 'hi' }],
    rootfs: { type: 'layers', diff_ids: [made[0]?.layers[0]?.diffId] },
  } as never);
  t.true((await verify({ ...common, target: 'store:imported:1' })).ok);
  const uncompressed = await importImage({ ...common, rootfs: at('rootfs.tgz'), to: 'imported:2', compress: 'none' });
  t.is(uncompressed.layers[0]?.digest, made[0]?.layers[0]?.diffId);
  t.true((await list(common)).images.some(({ names }) => names.includes('docker.io/library/imported:2')));
});

test.serial('import: an archive of images is a file system like any other, and a note says so', async (t) => {
  await scratch.write('images.tar', pack(ociParts([named(image('inner'), 'inner:1')])));
  const { notes } = await importImage({ ...common, rootfs: at('images.tar'), to: 'outer:1' });
  t.regex(notes.map(({ message }) => message).join(' '), /imgkit load takes the images/);
  const other = await importImage({ ...common, rootfs: at('rootfs.tar'), to: 'outer:2' });
  t.notRegex(other.notes.map(({ message }) => message).join(' '), /imgkit load/);
});

for (const [what, make] of [
  ['import', () => importImage({ ...common, rootfs: at('root.tar'), to: 'root:1', force: true })],
  ['append', () => append({ ...common, location: at('app.tar'), layers: [at('root.tar')], to: 'root:1', force: true })],
  ['commit', () => commit({ ...common, base: at('app.tar'), rootfs: at('root.tar'), to: 'root:1', force: true })],
] as const) test.serial(`${what}: a root folder that others may not enter is told of`, async (t) => {
  const notes = async (...entries: (LayerEntry | string)[]): Promise<string> => {
    await scratch.write('root.tar', layerEntries(...entries));
    return (await make()).notes.map(({ message }) => message).join(' ');
  };
  t.regex(await notes({ path: '', type: 'directory', mode: 0o700 }, 'a'), /the root folder has the mode 0700/);
  t.is(await notes({ path: '', type: 'directory', mode: 0o755 }, 'a'), '');
  t.is(await notes('a'), '');
});

test.serial('a name that another image has is refused before any work; to make the same image again is none', async (t) => {
  const rootfs = at('taken');
  mkdirSync(rootfs);
  writeFileSync(at('taken/file'), 'x');
  const first = await importImage({ ...common, rootfs, to: 'taken:1' });
  t.is((await importImage({ ...common, rootfs, to: 'taken:1' })).digest, first.digest);
  t.is((await commit({ ...common, base: 'taken:1', rootfs: await rootfsWith('more'), to: 'committed:1' })).digest, (await commit({ ...common, base: 'taken:1', rootfs: at('more'), to: 'committed:1' })).digest);
  t.is((await squash({ ...common, location: at('onbase.tar'), from: '1', to: 'squashed:1' })).digest, (await squash({ ...common, location: at('onbase.tar'), from: '1', to: 'squashed:1' })).digest);
  t.is((await flatten({ ...common, location: at('onbase.tar'), to: 'flat:1' })).digest, (await flatten({ ...common, location: at('onbase.tar'), to: 'flat:1' })).digest);
  // What is read first is not there, or tells that it is being read.
  const onProgress = (): void => t.fail('it began to work');
  const refused = { code: 'tag-would-move', message: /^docker\.io\/library\/taken:1 already names sha256:.*\(--force\)/ } as const;
  await t.throwsAsync(importImage({ ...common, rootfs: at('absent.tar'), to: 'taken:1' }), refused);
  await t.throwsAsync(append({ ...common, location: 'taken:1', layers: [at('absent.tar')], to: 'taken:1' }), refused);
  await t.throwsAsync(commit({ ...common, base: at('onbase.tar'), rootfs: at('absent.tar'), to: 'taken:1' }), refused);
  await t.throwsAsync(squash({ ...common, location: at('onbase.tar'), from: '1', to: 'taken:1', onProgress }), refused);
  await t.throwsAsync(flatten({ ...common, location: at('onbase.tar'), to: 'taken:1', onProgress }), refused);
  // That newer files make another image is known when their names are.
  utimesSync(at('taken/file'), 1e9, 2e9);
  await t.throwsAsync(importImage({ ...common, rootfs, to: 'taken:1', onProgress }), refused);
  t.not((await importImage({ ...common, rootfs, to: 'taken:1', force: true })).digest, first.digest);
});

/** A folder of that name with a file in it. */
async function rootfsWith(name: string): Promise<string> {
  await scratch.write(`${name}/file`, 'y');
  return at(name);
}

test.serial('import: a mistake in a change, a URL, a missing file', async (t) => {
  await t.throwsAsync(importImage({ ...common, rootfs: at('rootfs.tar'), to: 'no:1', changes: ['RUN x'] }), { code: 'usage' });
  await t.throwsAsync(importImage({ ...common, rootfs: at('absent'), to: 'no:1' }), { code: 'file-not-found' });
  await t.throwsAsync(importImage({ ...common, rootfs: at('app.tar'), to: 'no:1', owner: 'root' }), { code: 'usage' });
  await t.throwsAsync(importImage({ ...common, rootfs: at('app.tar'), to: 'no:1', owner: `${2 ** 32 - 1}:0` }), { code: 'usage' });
});

test.serial('rebase: the new base below, the added layer on top; not without the old one', async (t) => {
  const call = (oldBase: string, to: string) => rebase({ ...common, location: at('onbase.tar'), to, oldBase: at(oldBase), newBase: at('newbase.tar') });
  const result = await call('base.tar', 'rebased:1');
  const inspected = await inspect({ ...common, location: 'rebased:1' });
  t.deepEqual(diffIds(inspected), [...newBase.layers, ...onBase.layers.slice(1)].map(({ diffId }) => diffId) as never);
  t.deepEqual((await config('rebased:1')).config['Env'], ['PATH=/bin', 'BASE=2', 'APP=1']);
  t.is(inspected.annotations?.get('org.opencontainers.image.base.digest'), newBase.descriptor.digest);
  t.is(inspected.annotations?.get('org.opencontainers.image.base.name'), 'docker.io/library/newbase:1');
  t.deepEqual(result.layers, []);
  t.true((await verify({ ...common, target: 'store:rebased:1' })).ok);
  await t.throwsAsync(call('app.tar', 'rebased:2'), { code: 'base-mismatch' });
});

for (const seconds of [9e15, 253_402_300_800, -62_167_219_201]) {
  test.serial(`import of a file of ${seconds} seconds since 1970, for which RFC 3339 has no year: the image has no time`, async (t) => {
    const rootfs = await scratch.write(`year-${seconds}.tar`, layerEntries({ path: 'a', body: 'x', mtime: { seconds, nanoseconds: 0 } }));
    const to = `year:${Math.abs(seconds)}`;
    await importImage({ ...common, rootfs, to });
    const { created, history: [step] } = await config(to);
    t.deepEqual([created, step?.['created']], [undefined, undefined]);
  });
}

test.serial('SOURCE_DATE_EPOCH dates images and bounds file times', async (t) => {
  process.env['SOURCE_DATE_EPOCH'] = '1000000000';
  t.teardown(() => { delete process.env['SOURCE_DATE_EPOCH']; });
  writeFileSync(at('now'), 'x');
  mkdirSync(at('dated'));
  writeFileSync(at('dated/file'), readFileSync(at('now')));
  const first = await importImage({ ...common, rootfs: at('dated'), to: 'dated:1' });
  writeFileSync(at('dated/file'), 'x');
  t.is((await importImage({ ...common, rootfs: at('dated'), to: 'dated:2' })).digest, first.digest);
  t.is((await config('dated:1'))['created'], '2001-09-09T01:46:40Z');
});

test.serial('import, append, commit, squash and flatten tell how far the new layer is, up to all of it', async (t) => {
  const tell = async (work: (onProgress: (event: ProgressEvent) => void) => Promise<unknown>): Promise<string> => {
    const events: ProgressEvent[] = [];
    await work((event) => events.push(event));
    const written = events.filter(({ phase }) => phase === 'write');
    t.true(written.every(({ done, total = -1 }) => done <= total), JSON.stringify(written));
    return written.map(({ item, done, total }) => `${item.slice(item.lastIndexOf('/') + 1)} ${done === total ? 'all' : done > 0 ? 'some' : 'none'}`).at(-1) ?? 'nothing';
  };
  await scratch.write('told/a', 'x'.repeat(3_000_000));
  await scratch.write('told/b', 'y');
  const rootfs = at('told');
  const base = at('onbase.tar');
  const out = (name: string): string => `${at(`told-${name}.tar`)}#told:1`;
  t.is(await tell((onProgress) => importImage({ ...common, rootfs, to: out('import'), onProgress })), 'told all');
  t.is(await tell((onProgress) => append({ ...common, location: base, layers: [rootfs], to: out('append'), onProgress })), 'told all');
  t.is(await tell((onProgress) => append({ ...common, location: base, layers: [at('rootfs.tar')], to: out('tar'), onProgress })), 'rootfs.tar all');
  t.is(await tell((onProgress) => commit({ ...common, base, rootfs, to: out('commit'), onProgress })), 'told all');
  t.is(await tell((onProgress) => squash({ ...common, location: base, from: '1', to: out('squash'), onProgress })), 'onbase.tar all');
  t.is(await tell((onProgress) => flatten({ ...common, location: base, to: out('flatten'), onProgress })), 'onbase.tar all');
});
