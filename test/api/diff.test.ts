import { readFile, writeFile } from 'node:fs/promises';
import test from 'ava';
import { diff, type DiffOptions } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, type BuiltImage, type BuiltLayer, type Json } from '../helpers/image-builder.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

type Layers = readonly (readonly (LayerEntry | string)[])[];

let number = 0;
async function archive(layers: Layers, bend: (config: Json) => Json = (same) => same): Promise<string> {
  const built: BuiltImage = image('app', { layers: layers.map((entries) => layer(layerEntries(...entries), { gzip: true })), config: bend });
  return scratch.write(`${number++}.tar`, pack(hybridParts([named(built, 'app:1')])));
}

async function lines(before: Layers, after: Layers, options: Partial<DiffOptions> = {}): Promise<readonly string[]> {
  const { files, same } = await diff({ old: await archive(before), new: await archive(after), parts: ['files'], ...options });
  const found = [...(files?.changes ?? [])].map(({ kind, path, differences }) => [kind[0]?.toUpperCase(), path, ...differences].join(' '));
  if (same !== (found.length === 0)) throw new Error('same contradicts the changes');
  return found;
}

const cases: Readonly<Record<string, readonly [before: Layers, after: Layers, expected: readonly string[]]>> = {
  'nothing': [[['a:1', 'd/', 'd/b:2']], [['a:1', 'd/', 'd/b:2']], []],
  'equal files in other layers': [[['a:1'], ['b:2']], [['b:2', 'a:1']], []],
  'a new file, the folders above it changed': [[['d/', 'd/e/', 'f']], [['d/', 'd/e/', 'f'], ['d/e/new:1']], ['C /d', 'C /d/e', 'A /d/e/new']],
  'a new folder and all in it': [[['a']], [['a', 'd/', 'd/e/', 'd/e/f']], ['A /d', 'A /d/e', 'A /d/e/f']],
  'a deleted folder, its top alone': [[['d/', 'd/e/', 'd/e/f', 'x']], [['x']], ['D /d']],
  'content of equal size': [[['a:one']], [['a:two']], ['C /a content']],
  'content of equal size in a shared layer': [[['a:one', 'b']], [['a:one', 'b'], ['a:two']], ['C /a content']],
  'a shared layer hidden and written anew with the same bytes': [[['a:one', 'b']], [['a:one', 'b'], ['a:one']], []],
  'content of other size': [[['a:one']], [['a:four']], ['C /a content']],
  'mode and owner': [[['a:1']], [[{ path: 'a', body: '1', mode: 0o600, uid: 5 }]], ['C /a mode owner']],
  'attributes': [[[{ path: 'a', xattrs: new Map([['user.x', Buffer.from('1')]]) }]], [[{ path: 'a', xattrs: new Map([['user.x', Buffer.from('2')]]) }]], ['C /a xattrs']],
  'a folder\'s own metadata': [[['d/', 'd/a']], [['d/', 'd/a'], [{ path: 'd', type: 'directory', mode: 0o700 }]], ['C /d mode']],
  'target of a link': [[['l -> a']], [['l -> b']], ['C /l target']],
  'type': [[['a:1']], [['a -> b']], ['C /a type']],
  'a file becomes a folder': [[['a:1']], [['a/', 'a/b']], ['C /a type', 'A /a/b']],
  'a folder becomes a file': [[['a/', 'a/b']], [['a:1']], ['C /a type']],
  'device numbers': [[[{ path: 'n', type: 'character-device', devMajor: 1, devMinor: 3 }]], [[{ path: 'n', type: 'character-device', devMajor: 1, devMinor: 5 }]], ['C /n device']],
  'time alone is nothing': [[[{ path: 'a', mtime: { seconds: 1, nanoseconds: 0 } }]], [[{ path: 'a', mtime: { seconds: 2, nanoseconds: 0 } }]], []],
  'a linked file changed under one name': [[['a:1', 'b = a']], [['a:1', 'b = a'], ['a:2']], ['C /a content']],
  'the root': [[['a']], [[{ path: '', type: 'directory', mode: 0o700 }, 'a']], ['C / mode']],
};

for (const [name, [before, after, expected]] of Object.entries(cases)) {
  test(name, async (t) => {
    t.deepEqual(await lines(before, after), expected);
  });
}

test('--mtime and --content', async (t) => {
  const before = [[{ path: 'a', body: '1', mtime: { seconds: 1, nanoseconds: 0 } }]];
  const after = [[{ path: 'a', body: '1', mode: 0o600, mtime: { seconds: 1, nanoseconds: 1 } }]];
  t.deepEqual(await lines(before, after, { mtime: true }), ['C /a mode mtime']);
  t.deepEqual(await lines(before, after, { contentOnly: true }), []);
});

test('files and bytes are counted, below deleted folders too', async (t) => {
  const { files } = await diff({ old: await archive([['d/', 'd/a:123', 'd/e/', 'd/e/b:45', 'c:1', 'l -> c']]), new: await archive([['c:22', 'n:4444', 'l -> n']]) });
  t.deepEqual(files?.deleted, { files: 2, bytes: 5 });
  t.deepEqual(files?.changed, { files: 2, bytes: 2 });
  t.deepEqual(files?.added, { files: 1, bytes: 4 });
  const linked = await diff({ old: await archive([['c:1', 'd/', 'd/a:123', 'd/b = d/a', 'd/c:4']]), new: await archive([['c:22', 'e:4444', 'f = e', 'g:4444', 'h = c']]) });
  t.deepEqual(linked.files?.deleted, { files: 3, bytes: 4 });
  t.deepEqual(linked.files?.changed, { files: 1, bytes: 2 });
  t.deepEqual(linked.files?.added, { files: 4, bytes: 10 });
});

test('one layer: what it adds, changes and deletes', async (t) => {
  const old = await archive([['d/', 'd/a:1', 'd/b:2', 'e/', 'e/x', 'same:1', 'm/'], ['d/', 'd/.wh.a', 'd/new:1', 'e/', 'e/.wh..wh..opq', 'same:1', { path: 'm', type: 'directory', mode: 0o700 }]]);
  const changed = async (layer: string): Promise<readonly string[] | undefined> => [...((await diff({ old, layer })).files?.changes ?? [])].map(({ kind, path }) => `${kind[0]} ${path}`);
  t.deepEqual(await changed('2'), ['c /d', 'd /d/a', 'a /d/new', 'c /e', 'd /e/x', 'c /m', 'c /same']);
  // Made anew by the same command, as ldconfig does: docker diff has a line for it.
  const again = await archive([['l -> same', { path: 'p', type: 'fifo' }, 'd/'], ['l -> same', { path: 'p', type: 'fifo' }, 'd/']]);
  const kinds = async (contentOnly: boolean): Promise<readonly string[]> => [...((await diff({ old: again, layer: '2', contentOnly })).files?.changes ?? [])].map(({ path, differences }) => `${path} ${differences.join()}`);
  t.deepEqual(await kinds(false), ['/l rewritten', '/p rewritten']);
  t.deepEqual(await kinds(true), []);
  t.true((await changed('1'))?.every((line) => line.startsWith('a ')));
  t.is((await diff({ old, layer: '2' })).layer?.number, 2);
});

test('config: settings, variables and labels one by one', async (t) => {
  const layers = [['a']];
  const old = await archive(layers, (config) => ({ ...config, config: { Env: ['A=1', 'B=2'], Cmd: ['x'], Labels: { l: 'v', m: '1' }, User: '' } }));
  const fresh = await archive(layers, (config) => ({ ...config, created: '2025-01-01T00:00:00Z', architecture: 'arm64', config: { Env: ['A=1', 'B=3', 'C='], Cmd: ['y', 'z'], Labels: { m: '1' }, ExposedPorts: { '80/tcp': {} } } }));
  const result = await diff({ old, new: fresh, platform: undefined }).catch(() => undefined);
  const { config, same } = result ?? (await diff({ old, new: fresh }));
  t.false(same);
  t.deepEqual(config?.map(({ kind, field, old, new: is }) => [kind[0], field, old, is].filter((each) => each !== undefined).join(' ')), [
    'c Cmd ["x"] ["y","z"]', 'c Env B 2 3', 'a Env C ', 'a ExposedPorts 80/tcp ', 'd Labels l v', 'c architecture amd64 arm64',
  ]);
});

test('layers and history', async (t) => {
  const steps = (...texts: string[]) => (config: Json): Json => ({ ...config, history: texts.map((created_by) => ({ created_by })) });
  const old = await archive([['a'], ['b']], steps('one', 'two'));
  const fresh = await archive([['a'], ['c'], ['d']], steps('one', 'three', 'four'));
  const { layers, history, files } = await diff({ old, new: fresh, parts: ['layers', 'history'] });
  t.is(files, undefined);
  t.deepEqual(layers?.map(({ kind }) => kind), ['same', 'deleted', 'added', 'added']);
  t.deepEqual(history?.map(({ kind }) => kind), ['same', 'deleted', 'added', 'added']);
});

/** Two images over the same base, uncompressed unless `gzip`, and the stored bytes of that. */
async function overBase(base: Layers, before: Layers, after: Layers, gzip = false): Promise<{ readonly old: string; readonly new: string; readonly size: number }> {
  const packed = (entries: readonly (LayerEntry | string)[]): BuiltLayer => layer(layerEntries(...entries), gzip ? { gzip } : {});
  const bottom = base.map(packed);
  const write = (layers: Layers): Promise<string> => scratch.write(`${number++}.tar`, pack(hybridParts([named(image('app', { layers: [...bottom, ...layers.map(packed)] }), 'app:1')])));
  return { old: await write(before), new: await write(after), size: bottom.reduce((sum, { stored }) => sum + stored.length, 0) };
}

const LARGE = Buffer.alloc(1024 * 1024, 'base ');
const BASE = ['app/', { path: 'app/large', body: LARGE }, 'app/known:1'];
const shared = async (images: { readonly old: string; readonly new: string }) => {
  const { files } = await diff({ ...images, parts: ['files'] });
  return { lines: [...(files?.changes ?? [])].map(({ kind, path }) => `${kind[0]} ${path}`), use: files?.layers[0], read: files?.layers.filter((each) => each.shared).map((each) => each.read) };
};

test('a shared layer is not read where the layers above tell all', async (t) => {
  const images = await overBase([BASE], [['app/', 'app/server:1', '.wh.x']], [['app/', 'app/server:2', '.wh.x']]);
  // Nothing of it is looked at: it may even be damaged.
  const bytes = await readFile(images.old);
  const at = bytes.indexOf('app/large');
  await writeFile(images.old, Buffer.concat([bytes.subarray(0, at), Buffer.from('X'), bytes.subarray(at + 1)]));
  const { lines, use } = await shared(images);
  t.deepEqual(lines, ['c /app', 'c /app/server']);
  t.like(use, { shared: true, read: 'nothing', bytes: 0 });
});

test('whiteouts of what only shared layers have are nothing to read them for', async (t) => {
  const upper = (text: string): Layers => [['app/', `app/server:${text}`], ['app/', 'app/.wh.large', 'etc/', 'etc/ssl/', 'etc/ssl/.wh..wh..opq', 'etc/ssl/own:1', 'usr/', 'usr/.wh.share', `top:${text}`]];
  const { lines, read } = await shared(await overBase([BASE, ['etc/ssl/cert', 'usr/share/doc']], upper('1'), upper('2')));
  t.deepEqual(lines, ['c /app', 'c /app/server', 'c /top']);
  t.deepEqual(read, ['nothing', 'nothing']);
});

test('what only one image hides or changes is looked for from the topmost shared layer on', async (t) => {
  const base = [BASE, ['b'], ['c'], ['etc/', 'etc/conf:123'], ['etc/', 'etc/other:1']];
  const hidden = await overBase(base, [['etc/']], [['etc/', 'etc/.wh.conf']]);
  const { lines, read } = await shared(hidden);
  t.deepEqual(lines, ['c /etc', 'd /etc/conf']);
  // Two are read at once.
  t.deepEqual(read, ['nothing', 'nothing', 'nothing', 'names', 'names']);
  t.deepEqual((await diff({ ...hidden, parts: ['files'] })).files?.deleted, { files: 1, bytes: 3 });
  // All of what was in a folder counts: there may be more of it below.
  t.deepEqual((await shared(await overBase(base, [['b']], [['b', '.wh.etc']]))).read, Array.from(base, () => 'names'));
});

test('a path that only one has takes the names of the shared layer, not its bodies', async (t) => {
  const images = await overBase([BASE], [['app/', 'app/server:1']], [['app/', 'app/server:1', 'app/new:1', 'app/known:2']]);
  const { lines, use } = await shared(images);
  t.deepEqual(lines, ['c /app', 'c /app/known', 'a /app/new']);
  // `known` has another body of the same size: that must be read after all.
  t.like(use, { shared: true, read: 'all' });
  const names = await shared(await overBase([BASE], [['app/', 'app/server:1']], [['app/', 'app/server:1', 'app/new:1', 'app/known:22', 'app/.wh.large']]));
  t.deepEqual(names.lines, ['c /app', 'c /app/known', 'd /app/large', 'a /app/new']);
  t.like(names.use, { read: 'names' });
  t.true((names.use?.bytes ?? Infinity) < 16 * 1024, String(names.use?.bytes));
});

test('a shared layer that is compressed is read to its end, and proven', async (t) => {
  const images = await overBase([BASE], [['app/', 'app/server:1']], [['app/', 'app/new:1']], true);
  const { lines, use } = await shared(images);
  t.deepEqual(lines, ['c /app', 'a /app/new', 'd /app/server']);
  t.like(use, { shared: true, read: 'all', bytes: images.size });
});
