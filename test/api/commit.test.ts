import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, linkSync, lstatSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { commit, exportImage, extract, files, history, importImage, inspect, readRaw, squash, verify, type MakeResult } from '../../src/index.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, pack, sha256 } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';
import { tarOf, type TarPart } from '../helpers/tar-entries.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());
const storeFolder = scratch.path('store');
const common = { storeFolder };
let cases = 0;

async function archive(...layers: readonly (readonly TarPart[])[]): Promise<string> {
  const name = `base-${cases++}`;
  return scratch.write(`${name}.tar`, pack(hybridParts([named(image(name, { layers: layers.map((entries) => layer(tarOf(...entries), { gzip: true })) }), `${name}:1`)])));
}

const rootfs = (...entries: readonly TarPart[]): Promise<string> => scratch.write(`rootfs-${cases++}.tar`, tarOf(...entries));

/** What a container would see: the digest of all of it as one sorted tar. */
async function seen(location: string): Promise<string> {
  const output = scratch.path(`export-${cases++}.tar`);
  await exportImage({ ...common, location, output, order: 'path' });
  const digest = sha256(readFileSync(output));
  rmSync(output);
  return digest;
}

async function layerPaths(location: string, result: MakeResult): Promise<readonly string[]> {
  const { entries } = await files({ ...common, location, layer: result.layers.at(-1)?.diffId });
  return [...entries].map(({ path, type }) => (type === 'whiteout' ? `-${path}` : path));
}

const mtime = { seconds: 1_600_000_000, nanoseconds: 0 };
const BASE: readonly TarPart[] = [
  { path: 'etc', type: 'directory', mode: 0o750, mtime }, { path: 'etc/same', body: 'same', mtime }, { path: 'etc/edited', body: 'before', mtime }, { path: 'etc/gone', body: 'x', mtime },
  { path: 'old', type: 'directory', mtime }, { path: 'old/a', body: '1', mtime }, { path: 'old/b', body: '2', mtime }, { path: 'link', type: 'symlink', mode: 0o777, linkPath: 'etc/same', mtime },
];

test.serial('the layer holds what differs, the folders above, and whiteouts; no more', async (t) => {
  const base = await archive(BASE);
  const now = await rootfs(
    { path: 'etc', type: 'directory', mode: 0o750, mtime }, { path: 'etc/same', body: 'same', mtime }, { path: 'etc/edited', body: 'after!', mtime },
    { path: 'link', type: 'symlink', linkPath: 'etc/edited', mtime }, { path: 'new/deep', body: 'n', mtime },
  );
  const result = await commit({ ...common, base, rootfs: now, to: 'committed:1', author: 'me', message: 'why', changes: ['CMD ["/x"]'] });
  t.deepEqual(await layerPaths('committed:1', result), ['/etc', '/etc/edited', '-/etc/gone', '/link', '/new', '/new/deep', '-/old']);
  t.deepEqual(result.changes, ['2 paths added, 2 changed, 2 deleted', 'CMD ["/x"]']);
  t.deepEqual(await seen('committed:1'), await seen((await importImage({ ...common, rootfs: now, to: 'expected:1' })).names[0] as string));
  t.like((await history({ ...common, location: 'committed:1' })).lines[0], { author: 'me', comment: 'why', createdBy: `imgkit commit --rootfs ${now.split('/').at(-1) as string}` });
  t.true((await verify({ ...common, target: 'store:committed:1' })).ok);
  t.is((await commit({ ...common, base, rootfs: now, to: 'committed:2', author: 'me', message: 'why', changes: ['CMD ["/x"]'] })).digest, result.digest);
});

test.serial('the comment is that of the last step, as docker commit has it: not that of the base', async (t) => {
  const now = await rootfs({ path: 'etc', type: 'directory', mtime });
  await importImage({ ...common, rootfs: now, to: 'commented:1', message: 'of the base' });
  const commentOf = async (location: string): Promise<unknown> => (JSON.parse(Buffer.from(await readRaw({ ...common, location, what: 'config' })).toString()) as { comment?: unknown }).comment;
  t.is(await commentOf('commented:1'), 'of the base');
  await commit({ ...common, base: 'commented:1', rootfs: now, to: 'commented:2', message: 'why' });
  t.is(await commentOf('commented:2'), 'why');
  await commit({ ...common, base: 'commented:1', rootfs: now, to: 'commented:3' });
  t.is(await commentOf('commented:3'), undefined);
});

test.serial('what is left out of a rootfs stays as the base has it', async (t) => {
  const base = await archive(BASE);
  const now = await rootfs({ path: 'etc', type: 'directory', mode: 0o750, mtime }, { path: 'etc/same', body: 'same', mtime }, { path: 'etc/edited', body: 'not this', mtime }, { path: 'old', type: 'directory', mtime }, { path: 'link', type: 'symlink', mode: 0o777, linkPath: 'etc/same', mtime });
  const result = await commit({ ...common, base, rootfs: now, to: 'left-out:1', exclude: ['edited', 'old/**'] });
  t.deepEqual(await layerPaths('left-out:1', result), ['/etc', '-/etc/gone']);
  t.deepEqual(result.changes, ['0 paths added, 0 changed, 1 deleted']);
});

test.serial('what is left out stays also where the folder that it is in is gone', async (t) => {
  const folder = (path: string, mode = 0o750): TarPart => ({ path, type: 'directory', mode, mtime });
  const file = (path: string): TarPart => ({ path, body: path, mtime });
  const base = await archive([folder('var'), folder('var/a', 0o700), file('var/a/x.log'), file('var/a/y'), folder('var/a/keep'), file('var/a/keep/z'), folder('var/b'), file('var/b/y'), folder('var/c'), folder('var/c/d'), file('var/c/d/x.log'), file('var/c/e')]);
  const now = await rootfs(folder('var'));
  const result = await commit({ ...common, base, rootfs: now, to: 'left-in:1', exclude: ['*.log', 'keep'] });
  t.deepEqual(await layerPaths('left-in:1', result), ['/var', '/var/a', '-/var/a/y', '-/var/b', '/var/c', '-/var/c/e']);
  const { entries } = await files({ ...common, location: 'left-in:1' });
  t.deepEqual([...entries].map(({ path, mode }) => `${path} ${mode.toString(8)}`), ['/var 750', '/var/a 700', '/var/a/keep 750', '/var/a/keep/z 644', '/var/a/x.log 644', '/var/c 750', '/var/c/d 750', '/var/c/d/x.log 644']);
});

test.serial('SOURCE_DATE_EPOCH bounds the times of what changed: a base that was built later is not copied into the layer', async (t) => {
  process.env['SOURCE_DATE_EPOCH'] = String(mtime.seconds - 10);
  t.teardown(() => { delete process.env['SOURCE_DATE_EPOCH']; });
  const newer = { seconds: mtime.seconds + 10, nanoseconds: 0 };
  const now = await rootfs(...BASE.filter(({ path }) => path !== 'etc/edited'), { path: 'etc/edited', body: 'edited now', mtime: newer }, { path: 'made', body: 'new', mtime: newer });
  const result = await commit({ ...common, base: await archive(BASE), rootfs: now, to: 'bounded:1' });
  t.deepEqual(await layerPaths('bounded:1', result), ['/etc', '/etc/edited', '/made']);
  const { entries } = await files({ ...common, location: 'bounded:1' });
  const times = new Map([...entries].map(({ path, mtime: time }) => [path, time]));
  t.is(times.get('/made'), times.get('/etc/edited'));
  t.not(times.get('/made'), times.get('/etc/same'));
});

test.serial('nothing differs: no layer, and that is said', async (t) => {
  const base = await archive(BASE);
  const result = await commit({ ...common, base, rootfs: await rootfs(...BASE.toReversed()), to: 'unchanged:1' });
  t.deepEqual(result.layers, []);
  t.true(result.notes.some(({ message }) => message.includes('no new layer')));
  t.is((await inspect({ ...common, location: 'unchanged:1' })).layers.length, 1);
  t.true((await verify({ ...common, target: 'store:unchanged:1' })).ok);
});

test.serial('content is compared where size and time are equal', async (t) => {
  const base = await archive([{ path: 'f', body: 'aaaa', mtime }, { path: 'g', body: 'bbbb', mtime }]);
  const result = await commit({ ...common, base, rootfs: await rootfs({ path: 'f', body: 'aaaa', mtime }, { path: 'g', body: 'BBBB', mtime }), to: 'content:1' });
  t.deepEqual(await layerPaths('content:1', result), ['/g']);
});

test.serial('a folder that was extracted, edited and committed shows the edit and nothing else', async (t) => {
  const capability = new Map([['security.capability', Uint8Array.of(1, 2, 3)]]);
  const base = await archive([...BASE, { path: 'ping', body: 'cap', mtime, xattrs: capability }, { path: 'ping2', body: 'cap', mtime, xattrs: capability }, { path: 'hard', type: 'hardlink', linkPath: 'etc/same' }, { path: 'exact', body: 'ns', mtime: { seconds: 1_600_000_000, nanoseconds: 123_456_789 } }]);
  const to = scratch.path('edited');
  await extract({ location: base, to });
  const owner = process.getuid?.() === 0 ? {} : { owner: '0:0' };
  const same = await commit({ ...common, ...owner, base, rootfs: to, to: 'folder:1' });
  t.deepEqual(same.layers, []);
  const etc = lstatSync(join(to, 'etc'));
  appendFileSync(join(to, 'etc/edited'), ' more');
  rmSync(join(to, 'link'));
  symlinkSync('elsewhere', join(to, 'link'));
  chmodSync(join(to, 'ping2'), 0o755);
  utimesSync(join(to, 'etc'), etc.atime, etc.mtime);
  const result = await commit({ ...common, ...owner, base, rootfs: to, to: 'folder:2' });
  t.deepEqual(await layerPaths('folder:2', result), ['/etc', '/etc/edited', '/link', '/ping2']);
  const after = [...(await files({ ...common, location: 'folder:2' })).entries];
  // A mode alone does not take the capability away.
  for (const path of ['/ping', '/ping2']) t.deepEqual(after.find((entry) => entry.path === path)?.xattrs, ['security.capability'], path);
});

test.serial('hard links: broken, made and extended, each name is what it should be', async (t) => {
  const file = (path: string, body = 'x'): TarPart => ({ path, body, mtime });
  const hard = (path: string, linkPath: string): TarPart => ({ path, type: 'hardlink', linkPath });
  for (const [before, after] of [
    [[file('a'), hard('b', 'a')], [file('a'), file('b')]],
    [[file('a'), file('b')], [file('a'), hard('b', 'a')]],
    [[file('a'), hard('b', 'a')], [file('a'), hard('b', 'a'), hard('c', 'a')]],
    [[file('a'), hard('b', 'a'), hard('c', 'a')], [file('b'), hard('c', 'b')]],
    [[file('a'), hard('b', 'a'), hard('c', 'a'), hard('d', 'a')], [file('a'), hard('b', 'a'), file('c'), hard('d', 'c')]],
    [[file('a'), hard('b', 'a')], [file('a', 'y'), hard('b', 'a')]],
    [[file('a'), hard('b', 'a')], [file('a', 'y'), file('b')]],
  ] as const) {
    const now = await rootfs(...after);
    await commit({ ...common, base: await archive(before), rootfs: now, to: 'links:1', force: true });
    await importImage({ ...common, rootfs: now, to: 'links:2', force: true });
    t.deepEqual(await seen('links:1'), await seen('links:2'), JSON.stringify(after));
  }
});

test.serial('squash: the layers below stay, what is made and deleted above is gone', async (t) => {
  const location = await archive(BASE, [{ path: 'tmp/big', body: 'x'.repeat(9000), mtime }, { path: 'etc/edited', body: 'one', mtime }], [{ path: 'tmp/.wh.big' }, { path: 'old/.wh..wh..opq' }, { path: 'old/c', body: '3', mtime }, { path: 'etc/again', type: 'hardlink', linkPath: 'etc/same' }]);
  const result = await squash({ ...common, location, to: 'squashed:1', from: '2' });
  t.deepEqual(await seen('squashed:1'), await seen(location));
  const [before, after] = [await inspect({ ...common, location }), await inspect({ ...common, location: 'squashed:1' })];
  t.deepEqual(after.layers.map(({ diffId }) => diffId), [before.layers[0]?.diffId, result.layers[0]?.diffId]);
  t.deepEqual(await layerPaths('squashed:1', result), ['/etc', '/etc/again', '/etc/edited', '/etc/same', '/old', '-/old/a', '-/old/b', '/old/c', '/tmp']);
  t.deepEqual((await history({ ...common, location: 'squashed:1' })).lines.map(({ emptyLayer }) => emptyLayer), [false, true, true, true, false]);
  t.true((await verify({ ...common, target: 'store:squashed:1' })).ok);
  t.is((await squash({ ...common, location, to: 'squashed:2', from: '2' })).digest, result.digest);
  await t.throwsAsync(squash({ ...common, location, to: 'no:1', from: '3' }), { code: 'usage' });
  await t.throwsAsync(squash({ ...common, location, to: 'no:1', from: '9' }), { code: 'usage' });
});

const name = fc.constantFrom('a', 'b', 'c', 'ü');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const times = fc.constantFrom(mtime, { seconds: 5, nanoseconds: 7 });
const plain = fc.oneof(
  { weight: 3, arbitrary: fc.record({ path, body: fc.constantFrom('', '1', '2', 'longer'), mode: fc.constantFrom(0o644, 0o755), mtime: times }) },
  fc.record({ path, type: fc.constant('directory' as const), mode: fc.constantFrom(0o755, 0o700), mtime: times }),
  fc.record({ path, type: fc.constant('symlink' as const), linkPath: fc.constantFrom('x', 'a'), mode: fc.constant(0o777), mtime: times }),
  fc.record({ path, type: fc.constant('hardlink' as const), linkPath: path }),
);
const whiteout = fc.oneof(path.map((text): TarPart => ({ path: text.replace(/([^/]+)$/, '.wh.$1') })), path.map((text): TarPart => ({ path: `${text}/.wh..wh..opq` })));
const filesystem = fc.array(plain, { maxLength: 8 });

/** An entry for every folder above one of `entries`: a rootfs that says nothing of a folder leaves it as the base has it. */
function parentsOf(entries: readonly TarPart[]): readonly TarPart[] {
  const folders = entries.flatMap(({ path: of }) => of.split('/').slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join('/')));
  return [...new Set(folders)].sort().map((folder) => ({ path: folder, type: 'directory', mtime }));
}

/** Some layers, and a filesystem, that the reader takes; those it refuses prove nothing here. */
async function taken<T>(work: () => Promise<T>): Promise<T | undefined> {
  return work().catch((error: { code?: string }) => {
    if (error.code === 'tar-malformed') return undefined;
    throw error;
  });
}

test.serial('property: base and layer together show the rootfs, whatever both hold', async (t) => {
  let proven = 0;
  await fc.assert(fc.asyncProperty(fc.array(filesystem, { minLength: 1, maxLength: 2 }), filesystem, async (layers, now) => {
    const made = await taken(async () => {
      const from = await rootfs(...parentsOf(now as TarPart[]), ...(now as TarPart[]));
      await importImage({ ...common, rootfs: from, to: 'property:2', force: true });
      return commit({ ...common, base: await archive(...(layers as TarPart[][])), rootfs: from, to: 'property:1', force: true });
    });
    if (made === undefined) return;
    proven += 1;
    t.is(await seen('property:1'), await seen('property:2'));
  }), { numRuns: 250 });
  t.true(proven > 15, String(proven));
});

test.serial('property: a squashed image shows the same files', async (t) => {
  let proven = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.oneof({ weight: 4, arbitrary: plain }, whiteout), { maxLength: 6 }), { minLength: 3, maxLength: 4 }), async (layers) => {
    const location = await archive(...(layers as TarPart[][]));
    const made = await taken(() => squash({ ...common, location, to: 'property:3', from: '2', force: true }));
    if (made === undefined) return;
    proven += 1;
    t.deepEqual(await seen('property:3'), await seen(location));
  }), { numRuns: 250 });
  t.true(proven > 15, String(proven));
});

test.serial('gnu tar applied layer by layer agrees with the committed image', async (t) => {
  const base = await archive(BASE);
  const to = scratch.path('applied');
  await extract({ location: base, to });
  writeFileSync(join(to, 'old/a'), 'changed');
  linkSync(join(to, 'old/a'), join(to, 'old/z'));
  execFileSync('tar', ['-C', to, '--numeric-owner', '--format=posix', '-cf', scratch.path('applied.tar'), '.']);
  await commit({ ...common, base, rootfs: scratch.path('applied.tar'), to: 'applied:1' });
  await importImage({ ...common, rootfs: scratch.path('applied.tar'), to: 'applied:2' });
  t.deepEqual(await seen('applied:1'), await seen('applied:2'));
});
