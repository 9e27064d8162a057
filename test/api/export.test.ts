import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { cat, exportImage, flatten, history, importImage, inspect, report, verify } from '../../src/index.js';
import { readEntries } from '../../src/tar/read-entries.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, type BuiltLayer } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

let number = 0;
const archive = (...layers: readonly BuiltLayer[]): Promise<string> => scratch.write(`${number++}.tar`, pack(hybridParts([named(image('app', { layers }), 'app:1')])));
const exported = async (location: string, order?: 'layers' | 'path', storeFolder?: string): Promise<Buffer> => {
  const output = scratch.path(`${number++}-rootfs.tar`);
  await exportImage({ location, output, order, storeFolder });
  return readFileSync(output);
};
const listing = async (tar: Buffer): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const { entry, body } of readEntries((async function* () { yield tar; })(), { file: 'x', mode: 'layer', limits: DEFAULT_LIMITS })) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    lines.push(`${entry.type} ${entry.path}${entry.linkPath && ` -> ${entry.linkPath}`}${chunks.length === 0 ? '' : `: ${Buffer.concat(chunks).toString().slice(0, 40)}`}`);
  }
  return lines;
};

const base = layer(layerEntries('usr/', 'usr/bin/', 'usr/bin/z:zzz', 'usr/bin/a = usr/bin/z', 'gone:1', 'etc/', 'etc/one:1', 'l -> usr'), { gzip: true });
const top = layer(layerEntries('.wh.gone', 'usr/bin/z:new', 'etc/one:longer than before', 'added/in/here:!'));

test('what a container sees: files with content from the top layer down, other names, folders; a changed file leaves its other name alone', async (t) => {
  t.deepEqual(await listing(await exported(await archive(base, top))), [
    'file usr/bin/z: new', 'file etc/one: longer than before', 'file added/in/here: !', 'file usr/bin/a: zzz',
    'symlink l -> usr', 'directory usr/bin', 'directory usr', 'directory etc', 'directory added/in', 'directory added',
  ]);
});

test('by path: everything sorted', async (t) => {
  t.deepEqual(await listing(await exported(await archive(base, top), 'path')), [
    'directory added', 'directory added/in', 'file added/in/here: !', 'directory etc', 'file etc/one: longer than before', 'symlink l -> usr',
    'directory usr', 'directory usr/bin', 'file usr/bin/a: zzz', 'file usr/bin/z: new',
  ]);
});

test('hard links to a file that AUFS kept for them', async (t) => {
  const aufs = layer(layerEntries('.wh..wh.aufs', '.wh..wh.plnk/', '.wh..wh.plnk/7.1:linked', '.wh..wh.plnk/8.1:nobody', 'x = .wh..wh.plnk/7.1', 'one:1', 'y = .wh..wh.plnk/7.1'), { gzip: true });
  const location = await archive(base, aufs);
  const below = await listing(await exported(await archive(base), 'path'));
  t.deepEqual((await listing(await exported(location, 'path'))).filter((line) => !below.includes(line)), ['file one: 1', 'file x: linked', 'hardlink y -> x']);
  t.deepEqual((await listing(await exported(location))).filter((line) => !below.includes(line) && !/usr\/bin/.test(line)), ['file x: linked', 'file one: 1', 'hardlink y -> x']);
});

test('hard links: the body with the first name', async (t) => {
  t.deepEqual(await listing(await exported(await archive(base))), [
    'file usr/bin/a: zzz', 'file gone: 1', 'file etc/one: 1', 'symlink l -> usr', 'hardlink usr/bin/z -> usr/bin/a', 'directory usr/bin', 'directory usr', 'directory etc',
  ]);
  t.deepEqual(await listing(await exported(await archive(base), 'path')), [
    'directory etc', 'file etc/one: 1', 'file gone: 1', 'symlink l -> usr', 'directory usr', 'directory usr/bin', 'file usr/bin/a: zzz', 'hardlink usr/bin/z -> usr/bin/a',
  ]);
});

test('by path the bytes depend on the files, not on the layers', async (t) => {
  const one = layer(layerEntries('d/', 'd/a:1', 'd/b:2'));
  const two = [layer(layerEntries('d/', 'd/b:2', 'x:1')), layer(layerEntries('.wh.x', 'd/a:1'), { gzip: true })];
  t.true((await exported(await archive(one), 'path')).equals(await exported(await archive(...two), 'path')));
});

test('the bytes do not depend on how the layers are stored', async (t) => {
  const entries = layerEntries('d/', 'd/b:2', 'x:1');
  t.true((await exported(await archive(layer(entries), top))).equals(await exported(await archive(layer(entries, { gzip: true }), top))));
});

test('tar makes the same of both orders: folders that come after what is in them get their modes and times', async (t) => {
  const folder = (path: string, mode: number) => ({ path, type: 'directory', mode, mtime: { seconds: 1_600_000_000 + mode, nanoseconds: 0 } }) as const;
  const location = await archive(layer(layerEntries(folder('ro', 0o555), 'ro/file:1', folder('ro/in', 0o500), 'ro/in/deep:2', 'ro/in/again = ro/file', folder('open', 0o1777), 'open/empty', 'open/l -> ../ro')), layer(layerEntries('ro/in/more:3', folder('ro', 0o511))));
  const trees = await Promise.all((['layers', 'path'] as const).map(async (order) => {
    const into = scratch.path(`untar-${order}`);
    mkdirSync(into);
    execFileSync('tar', ['-xpf', '-', '-C', into], { input: await exported(location, order) });
    return execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %s %l %n ', '(', '-type', 'd', '-printf', '%T@', ')', '-printf', '\n'], { cwd: into }).toString().split('\n').sort();
  }));
  t.deepEqual(trees[0], trees[1]);
  t.true(trees[0]?.some((line) => /^ro d 511 .* 1600000329\.0+$/.test(line)), trees[0]?.join('\n'));
});

test('import makes the same layer of both orders', async (t) => {
  const location = await archive(base, top);
  const layers = await Promise.all((['layers', 'path'] as const).map(async (order) => {
    const rootfs = await scratch.write(`import-${order}.tar`, await exported(location, order));
    await importImage({ rootfs, to: `${order}:1`, storeFolder: scratch.path(`import-${order}`) });
    return (await inspect({ location: `${order}:1`, storeFolder: scratch.path(`import-${order}`) })).layers.map(({ diffId }) => diffId);
  }));
  t.deepEqual(layers[0], layers[1]);
});

test('nothing of an entry is lost', async (t) => {
  const entries = [
    { path: '', type: 'directory', mode: 0o711 },
    { path: `${'d'.repeat(120)}/${'f'.repeat(130)}`, body: 'long', mode: 0o4755, uid: 3_000_000, gid: 2 ** 31, uname: 'someone', gname: 'ünï', mtime: { seconds: -5, nanoseconds: 250_000_000 }, xattrs: new Map([['security.capability', Uint8Array.from([1, 0, 0, 2])]]), pax: new Map([['comment', 'hello']]) },
    { path: 'broken-\udcff', body: 'x' },
    { path: 'fifo', type: 'fifo' },
    { path: 'null', type: 'character-device', devMajor: 1, devMinor: 3 },
  ] as const;
  const tar = await exported(await archive(layer(layerEntries(...entries))));
  const found = new Map<string, object>();
  for await (const { entry } of readEntries((async function* () { yield tar; })(), { file: 'x', mode: 'layer', limits: DEFAULT_LIMITS })) found.set(entry.path, entry);
  for (const { path, ...fields } of entries) {
    const { body: _, ...rest } = fields as { body?: string };
    t.like(found.get(path), { path, ...rest }, path);
  }
});

test('to stdout and compressed: the same bytes', async (t) => {
  const location = await archive(base, top);
  const plain = await exported(location);
  const stdout = new PassThrough();
  const [piped] = await Promise.all([buffer(stdout), exportImage({ location, output: '-', stdout }).finally(() => stdout.end())]);
  t.true(piped.equals(plain));
  await exportImage({ location, output: scratch.path('rootfs.tar.gz') });
  t.true(gunzipSync(readFileSync(scratch.path('rootfs.tar.gz'))).equals(plain));
});

test('the archive of the image is not replaced by its files', async (t) => {
  const location = await archive(base);
  const before = readFileSync(location);
  await t.throwsAsync(exportImage({ location: `${location}#app:1`, output: location }), { code: 'usage', message: /is the image itself, which would be gone/ });
  t.true(readFileSync(location).equals(before));
});

test('an output that reads as a location of another kind becomes no file of that name', async (t) => {
  const location = await archive(base);
  for (const output of ['store:x', 'oci:x', 'docker-daemon:', 'sftp://me@h/x.tar']) {
    for (const write of [exportImage, report]) await t.throwsAsync(write({ location, output }), { code: 'usage', message: /another kind of location; write a file/ });
  }
});

test('a layer that is damaged leaves no output', async (t) => {
  const bad = layer(layerEntries('a:1'), { stored: layerEntries('a:2') });
  const wrong = { ...bad, diffId: layer(layerEntries('a:1')).diffId };
  const location = await archive(wrong);
  await t.throwsAsync(exportImage({ location, output: scratch.path('no.tar') }), { code: 'diffid-mismatch' });
  t.false((await scratch.tree()).some((name) => name.includes('no.tar')));
});

test('a diffID that its layer does not have is found in every layer, shown content or not', async (t) => {
  const truth = layer(layerEntries('gone:1', 'folder/'), { gzip: true });
  for (const [what, liar] of [
    ['content that is shown', layer(layerEntries('shown:1'), { gzip: true })],
    ['content that is hidden', layer(layerEntries('gone:2'), { gzip: true })],
    ['no content', layer(layerEntries('folder/other/'), { gzip: true })],
    ['nothing', layer(layerEntries(), { gzip: true })],
    ['no compression', layer(layerEntries('plain:1'))],
  ] as const) {
    const lies = { ...liar, diffId: layer(layerEntries('else:1')).diffId };
    await t.throwsAsync(exported(await archive(truth, lies, layer(layerEntries('.wh.gone'), { gzip: true }))), { code: 'diffid-mismatch' }, what);
  }
});

for (const format of ['gnu', 'posix --sparse-version=0.0', 'posix --sparse-version=0.1', 'posix --sparse-version=1.0']) {
  test(`sparse files are written in full: ${format}`, async (t) => {
    const name = `sparse-${number++}`;
    const path = scratch.path(name);
    const fd = openSync(path, 'w');
    // Thirty islands, more than the header and one block of the old format hold.
    for (let i = 1; i < 31; i++) writeSync(fd, Buffer.alloc(4096, `island ${i} `), 0, 4096, i * 256 * 1024);
    ftruncateSync(fd, 40 * 256 * 1024);
    closeSync(fd);
    writeFileSync(scratch.path(`${name}.plain`), 'after');
    const tar = execFileSync('tar', ['-C', scratch.folder, '-S', ...`--format=${format}`.split(' '), '-cf', '-', name, `${name}.plain`]);
    t.true(tar.length < 1024 * 1024, 'the tar holds holes');
    const location = await archive(layer(tar, { gzip: true }));
    const stdout = new PassThrough();
    const [content] = await Promise.all([buffer(stdout), cat({ location, path: name, stdout }).finally(() => stdout.end())]);
    t.true(content.equals(readFileSync(path)));
    const output = scratch.path(`${name}.tar`);
    await exportImage({ location, output });
    t.true(execFileSync('tar', ['-xOf', output, name], { maxBuffer: 1 << 26 }).equals(readFileSync(path)));
    t.is(execFileSync('tar', ['-xOf', output, `${name}.plain`]).toString(), 'after');
  });
}

test('flatten: one layer, the same files; config and steps are kept', async (t) => {
  const location = await archive(base, top);
  const storeFolder = scratch.path('store');
  const result = await flatten({ location, to: 'flat:1', storeFolder });
  t.deepEqual(result.changes, ['2 layers replaced by one']);
  const flat = await inspect({ location: 'flat:1', storeFolder });
  t.is(flat.layers.length, 1);
  t.deepEqual(flat.labels, new Map([['title', 'app']]));
  const { lines } = await history({ location: 'flat:1', storeFolder });
  t.deepEqual(lines.map(({ createdBy, emptyLayer }) => `${createdBy}${emptyLayer ? ' (empty)' : ''}`), ['imgkit flatten', 'step 1 (empty)', 'ENV PATH=/bin (empty)', 'step 0 (empty)']);
  t.true((await verify({ target: 'store:flat:1', storeFolder })).ok);
  t.true((await exported('flat:1', 'path', storeFolder)).equals(await exported(location, 'path')));
});
