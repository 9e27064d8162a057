import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import { cat, exportImage, extract, files, type FileEntry, type ProgressEvent, type WorkOptions } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack } from '../helpers/image-builder.js';
import { layerEntries } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const built = image('app', {
  layers: [
    layer(layerEntries('usr/', 'usr/bin/', { path: 'usr/bin/busybox', body: 'x'.repeat(3000), mode: 0o4755, uid: 7, gid: 8, mtime: { seconds: 1_700_000_000, nanoseconds: 5_000_000 } }, 'usr/bin/sh = usr/bin/busybox', 'bin -> usr/bin', 'etc/', 'etc/gone:bye', 'etc/config:one', 'a -> /b', 'b -> a', { path: 'dev/null', type: 'character-device', devMajor: 1, devMinor: 3 }), { gzip: true }),
    layer(layerEntries('etc/.wh.gone', 'etc/config:second', { path: 'etc/named', xattrs: new Map([['user.a', Buffer.from('1')]]) }), { gzip: true }),
    layer(layerEntries('empty/.wh..wh..opq', 'top:1')),
  ],
});
const app = scratch.path('app.tar');
test.before(() => scratch.write('app.tar', pack(hybridParts([named(built, 'app:1')]))));
const listed = async (options: { path?: string; layer?: string } = {}): Promise<FileEntry[]> => [...(await files({ location: app, ...options })).entries];

test('the merged view: sorted, each path with its layer', async (t) => {
  t.deepEqual((await listed()).map(({ path, layer, type, target }) => `${layer} ${type} ${path}${target === undefined ? '' : ` -> ${target}`}`), [
    '1 symlink /a -> /b', '1 symlink /b -> a', '1 symlink /bin -> usr/bin', '1 directory /dev', '1 character-device /dev/null', '1 directory /etc', '2 file /etc/config', '2 file /etc/named',
    '3 file /top', '1 directory /usr', '1 directory /usr/bin', '1 file /usr/bin/busybox', '1 hardlink /usr/bin/sh -> /usr/bin/busybox',
  ]);
});

test('everything about an entry', async (t) => {
  const entries = new Map((await listed()).map((entry) => [entry.path, entry]));
  t.like(entries.get('/usr/bin/busybox'), { mode: 0o4755, uid: 7, gid: 8, size: 3000, mtime: '2023-11-14T22:13:20.005Z' });
  t.deepEqual(entries.get('/dev/null')?.device, [1, 3]);
  t.deepEqual(entries.get('/etc/named')?.xattrs, ['user.a']);
});

test('below a path, links followed', async (t) => {
  t.deepEqual((await listed({ path: '/bin/' })).map(({ path }) => path), ['/usr/bin', '/usr/bin/busybox', '/usr/bin/sh']);
  t.deepEqual((await listed({ path: 'etc/config' })).map(({ path }) => path), ['/etc/config']);
  await t.throwsAsync(listed({ path: '/etc/gone' }), { code: 'path-not-found', message: /there is no \/etc\/gone/ });
  await t.throwsAsync(listed({ path: '/a' }), { code: 'path-not-found', message: /circle/ });
});

test('one layer, whiteouts included', async (t) => {
  const expected = ['whiteout /etc/gone', 'file /etc/config', 'file /etc/named'].sort();
  for (const selector of ['2', built.layers[1]?.descriptor.digest as string, built.layers[1]?.diffId.slice(7, 25) ?? '']) {
    t.deepEqual((await listed({ layer: selector })).map(({ type, path }) => `${type} ${path}`).sort(), expected, selector);
  }
  t.deepEqual((await listed({ layer: '3' })).map(({ type, path }) => `${type} ${path}`), ['opaque /empty', 'file /top']);
  for (const selector of ['0', '4', 'x', 'sha256:ffffffffffffffff']) await t.throwsAsync(listed({ layer: selector }), { code: 'usage' }, selector);
});

test('one layer has nothing at a path: it is said, as of an image', async (t) => {
  t.deepEqual((await listed({ layer: '3', path: '/empty/' })).map(({ path }) => path), ['/empty']);
  await t.throwsAsync(listed({ layer: '3', path: 'no/such' }), { code: 'path-not-found', message: /: layer 3 has nothing at \/no\/such; / });
});

test('entries can be iterated twice', async (t) => {
  const { entries } = await files({ location: app });
  t.is([...entries].length, [...entries].length);
});

test('waste: what later layers shadow, and the score of dive', async (t) => {
  const { waste } = await files({ location: app, wasted: true });
  t.is(waste?.bytes, 6);
  t.deepEqual(waste?.paths, [{ path: '/etc/config', bytes: 9, count: 2 }, { path: '/etc/gone', bytes: 6, count: 2 }]);
  t.is(waste?.efficiency, (3000 + 3 + 3 + 1) / (3000 + 9 + 6 + 1));
});

test('a layer that is not what its digest says', async (t) => {
  const honest = layer(layerEntries('a:one'), { gzip: true });
  const forged = { ...honest, stored: layer(layerEntries('a:two'), { gzip: true }).stored };
  const location = await scratch.write('forged.tar', pack(hybridParts([named(image('app', { layers: [forged] }), 'app:1')])));
  await t.throwsAsync(files({ location }), { name: 'ImgkitError', message: /digest|size/ });
  await t.throwsAsync(read('a', location), { name: 'ImgkitError', message: /digest|size/ });
});

const read = async (path: string, location = app): Promise<string> => {
  const stdout = new PassThrough();
  const [text] = await Promise.all([buffer(stdout), cat({ location, path, stdout }).finally(() => stdout.end())]);
  return text.toString();
};

test('cat: the visible content, links followed', async (t) => {
  t.is(await read('/etc/config'), 'second');
  t.is(await read('bin/sh'), 'x'.repeat(3000));
  t.is(await read('/etc/named'), '');
  await t.throwsAsync(read('/etc'), { code: 'path-not-found', message: /is a directory, not a file/ });
  await t.throwsAsync(read('/dev/null'), { code: 'path-not-found' });
  await t.throwsAsync(read('/etc/gone'), { code: 'path-not-found' });
});

for (const [name, read] of Object.entries({
  files: (options: WorkOptions) => files({ location: app, ...options }),
  extract: (options: WorkOptions) => extract({ location: app, to: scratch.path('extracted'), ...options }),
  export: (options: WorkOptions) => exportImage({ location: app, output: scratch.path('exported.tar'), ...options }),
})) {
  test(`${name}: how much there is to read is known before anything is read`, async (t) => {
    const events: ProgressEvent[] = [];
    await read({ onProgress: (event) => void events.push(event) });
    const reading = events.filter(({ phase }) => phase === 'read');
    const announced = new Set(reading.slice(0, reading.findIndex(({ done }) => done > 0)).map(({ item }) => item));
    t.deepEqual(announced, new Set(built.layers.map(({ descriptor }) => descriptor.digest)));
  });
}
