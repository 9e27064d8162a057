import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { cat, exportImage, flatten, history, inspect, verify } from '../../src/index.js';
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
const exported = async (location: string): Promise<Buffer> => {
  const output = scratch.path(`${number++}-rootfs.tar`);
  await exportImage({ location, output });
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

test('what a container sees, sorted; a changed file leaves its other name alone', async (t) => {
  t.deepEqual(await listing(await exported(await archive(base, top))), [
    'directory added', 'directory added/in', 'file added/in/here: !', 'directory etc', 'file etc/one: longer than before', 'symlink l -> usr',
    'directory usr', 'directory usr/bin', 'file usr/bin/a: zzz', 'file usr/bin/z: new',
  ]);
});

test('hard links: the body with the first name', async (t) => {
  t.deepEqual(await listing(await exported(await archive(base))), [
    'directory etc', 'file etc/one: 1', 'file gone: 1', 'symlink l -> usr', 'directory usr', 'directory usr/bin', 'file usr/bin/a: zzz', 'hardlink usr/bin/z -> usr/bin/a',
  ]);
});

test('the bytes depend on the files, not on the layers', async (t) => {
  const one = layer(layerEntries('d/', 'd/a:1', 'd/b:2'));
  const two = [layer(layerEntries('d/', 'd/b:2', 'x:1')), layer(layerEntries('.wh.x', 'd/a:1'), { gzip: true })];
  t.true((await exported(await archive(one))).equals(await exported(await archive(...two))));
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
  const output = scratch.path('flat-rootfs.tar');
  await exportImage({ location: 'flat:1', output, storeFolder });
  t.true(readFileSync(output).equals(await exported(location)));
});
