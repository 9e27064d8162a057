import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { append, commit, copy, diff, exportImage, extract, files, flatten, importImage, load, remove, verify } from '../../src/index.js';
import { imgkit } from '../cli/helpers.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, layer, layerTar, pack } from '../helpers/image-builder.js';
import { layerEntries, type LayerEntry } from '../helpers/layer-entries.js';
import { makeScratch, storeEntries, storeLeftovers } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

type Entries = readonly (string | LayerEntry)[];

/** Layers that no tree can be made of: what is wrong, and as what it is refused. */
const BAD: Readonly<Record<string, readonly [entries: Entries, code: string]>> = {
  'a path 20,000 folders deep': [['a', `${'d/'.repeat(20_000)}f:1`], 'limit-exceeded'],
  'hard links in a circle': [['a = b', 'b = a'], 'tar-malformed'],
  'a hard link to itself': [['a = a'], 'tar-malformed'],
  'a file below links in a circle': [['a -> b', 'b -> a', 'a/f:1'], 'tar-malformed'],
  'a file below a file': [['a:1', 'a/f:1'], 'tar-malformed'],
  // chown(-1) leaves it root's, and of 2 ** 32 the kernel sees 0.
  'a file of the user -1': [[{ path: 'a', mode: 0o4755, uid: 2 ** 32 - 1 }], 'tar-malformed'],
  'a device beyond 12 bits': [[{ path: 'a', type: 'block-device', devMajor: 4096 + 8, devMinor: 0 }], 'tar-malformed'],
  'a file of a group beyond 32 bits': [[{ path: 'a', mode: 0o2755, gid: 2 ** 32 }], 'tar-malformed'],
};

async function archive(name: string, entries: Entries): Promise<string> {
  return scratch.write(`${name}.tar`, pack(hybridParts([named(image('app', { layers: [layer(layerEntries(...entries))] }), 'app:1')])));
}

const places = async (name: string): Promise<{ readonly storeFolder: string; readonly folder: string; readonly good: string }> => {
  const folder = scratch.path(`${name}-out`);
  await scratch.write(`${name}-out/keep`, '');
  return { folder, storeFolder: scratch.path(`${name}-store`), good: await archive(`${name}-good`, ['a:1']) };
};

for (const [i, [what, [entries, code]]] of Object.entries(BAD).entries()) {
  test.serial(`${what}: refused by every call, and nothing is left`, async (t) => {
    const location = await archive(String(i), entries);
    const tar = await scratch.write(`${i}-layer.tar`, layerEntries(...entries));
    const { folder, storeFolder, good } = await places(String(i));
    const expected = { code: code as never };
    await t.throwsAsync(files({ location }), expected);
    await t.throwsAsync(exportImage({ location, output: `${folder}/out.tar` }), expected);
    await t.throwsAsync(extract({ location, to: `${folder}/out` }), expected);
    await t.throwsAsync(diff({ old: good, new: location }), expected);
    await t.throwsAsync(flatten({ location, to: 'flat:1', storeFolder }), expected);
    await t.throwsAsync(importImage({ rootfs: tar, to: 'made:1', storeFolder }), expected);
    await t.throwsAsync(commit({ base: good, rootfs: tar, to: 'made:2', storeFolder }), expected);
    // Append takes a layer as it is: names are bounded, and what lies below what is asked, but no links are followed.
    if (/deep|below a file/.test(what)) await t.throwsAsync(append({ location: good, layers: [tar], to: 'made:3', storeFolder }), expected);
    t.deepEqual(readdirSync(folder), ['keep']);
    t.deepEqual(await storeLeftovers(storeFolder), []);
    if (code === 'limit-exceeded') t.deepEqual(await storeEntries(storeFolder), []);
    t.deepEqual(readdirSync(scratch.temp), []);
  });
}

const NOTED: readonly (readonly [what: string, entries: Entries, note: RegExp | undefined])[] = [
  ['a path below a file of its own', ['a:1', 'b', 'a/f:1', 'a/g/h:2'], /^entry "a\/f" at offset \d+: it lies below "a", which is no folder/],
  ['a name twice', ['a/', 'a/f:1', 'b', 'a/'], /^"a" stands in the layer twice/],
  ['a file that is deleted after it was given', ['d/f:1', 'd/.wh.f'], /^"d\/\.wh\.f" deletes what the layer gave before/],
  ['a folder without an entry that is deleted after what is in it was given', ['d/a/f:1', 'd/.wh.a'], /^"d\/\.wh\.a" deletes what the layer gave before/],
  ['a path below what is deleted', ['d/.wh.a', 'd/', 'd/a/b/f:1'], /^"d\/a\/b\/f" lies below "d\/a", which the layer deletes/],
  ['a path below a link to nothing', ['s -> d', 's/e/f:1'], /^"s\/e\/f" lies below the link "s", which leads to no folder of the layer/],
  ['a folder without an entry that becomes a file', ['d/e/f:1', 'd:2'], /^"d" is given to what is no folder after names in it/],
  ['the user -1', [{ path: 'a', uid: 2 ** 32 - 1 }, { path: 'b', uid: 2 ** 32 - 2 }], /^"a" belongs to user 4294967295, which no system has/],
  ['a hard link out of the layer', ['d/f:1', 'g = d/e'], /^the hard link "g" leads to "d\/e"/],
  ['links, whiteouts and files as they should be', ['.wh.a', 'a/', 'a/f:1', 's -> a', 's/g:1', 'h = s/g', 'k = s', 'k/i:2', 'x/y/z:3', 'a/b:4', '.wh.e', '.wh.e2', 'e -> a', 'e/q:6'], undefined],
];
for (const [what, entries, note] of NOTED) {
  test(`verify of ${what}: ${note === undefined ? 'nothing to note' : 'a note'}`, async (t) => {
    const { ok, findings } = await verify({ target: await archive(`noted-${what}`, entries) });
    const notes = findings.filter(({ check, status }) => check === 'layer-structure' && status === 'note').map(({ message }) => message);
    t.true(ok);
    t.is(notes.length, note === undefined ? 0 : 1, notes.join());
    if (note !== undefined) t.regex(notes[0] ?? '', note);
  });
}

test('verify of names below a link, or a file, of another layer: a note, once for all images with the layers', async (t) => {
  const [usr, below, file, base] = [['usr/', 'usr/lib/', 'lib -> usr/lib'], ['lib/x:1'], ['a:1'], ['a/b:1']].map((entries) => layer(layerEntries(...entries)));
  const layers = [usr, file, below, base].filter((each) => each !== undefined);
  const other = image('other', { layers, config: (config) => ({ ...config, author: 'another' }) });
  const target = await scratch.write('covered.tar', pack(hybridParts([named(image('app', { layers }), 'app:1'), named(other, 'app:2')])));
  const { ok, findings } = await verify({ target });
  t.true(ok);
  t.deepEqual(findings.filter(({ check, status }) => check === 'layer-structure' && status === 'note'), [
    { check: 'layer-structure', status: 'note', subject: below?.descriptor.digest, message: 'names lie below "lib", to which the layer gives no entry and layer 1 a link: Docker and podman on overlays put a folder in the place of the link, umoci and imgkit follow it; make the layer with names where the link leads' },
    { check: 'layer-structure', status: 'note', subject: base?.descriptor.digest, message: 'names lie below "a", to which the layer gives no entry and layer 2 one that is no folder: Docker and podman on overlays put a folder there, umoci and imgkit refuse it; make the layer with an entry for the folder' },
  ]);
  await t.throwsAsync(files({ location: `${target}#app:1` }), { message: /it lies below "a", which is no folder/ });
});

test('verify of a folder that is deleted and given again: a note, also where threads read the layers', async (t) => {
  for (const size of [1, 5_000_000]) {
    const layers = [['b/', { path: 'b/x', body: Buffer.alloc(size) }], [{ path: 'a', body: Buffer.alloc(size) }, '.wh.b', 'b/']].map((entries) => layer(layerEntries(...entries)));
    const target = await scratch.write(`again-${size}.tar`, pack(hybridParts([named(image('app', { layers }), 'app:1')])));
    const { ok, findings } = await verify({ target });
    t.true(ok);
    t.deepEqual(findings.filter(({ check, status }) => check === 'layer-structure' && status === 'note').map(({ subject, message }) => [subject, message]), [
      [layers[1]?.descriptor.digest, 'the layer deletes "b" and gives it again as a folder: Docker and podman on overlays show in it what layer 1 has there, umoci and imgkit do not; make the layer with an opaque marker in the folder'],
    ]);
  }
});

test('a damaged config or small layer of a store is mended by loading the image again', async (t) => {
  const app = image('app', { layers: [layer('plain'), layer('packed', { gzip: true })] });
  const from = await scratch.write('mend.tar', pack(hybridParts([named(app, 'mend:1')])));
  const storeFolder = scratch.path('mend-store');
  await load({ from, storeFolder });
  for (const { digest } of [app.configDescriptor, ...app.layers.map(({ descriptor }) => descriptor)]) {
    const path = `${storeFolder}/blobs/${digest.replace(':', '/')}`;
    const bytes = readFileSync(path);
    bytes[5] = (bytes[5] as number) ^ 1;
    writeFileSync(path, bytes);
  }
  await load({ from, storeFolder });
  t.true((await verify({ target: 'store:mend:1', storeFolder })).ok);
});

test('a large layer that is damaged in a store or layout is read, and mended, by force alone', async (t) => {
  const from = await scratch.write('large.tar', pack(hybridParts([named(image('large', { layers: [layer(layerTar('large', Buffer.alloc(1_100_000, 'x')))] }), 'large:1')])));
  const storeFolder = scratch.path('large-store');
  const layout = scratch.path('large-layout');
  for (const [folder, into] of [[storeFolder, 'store:'], [layout, `oci:${layout}`]] as const) {
    await load({ from, into, storeFolder });
    const blob = readdirSync(`${folder}/blobs/sha256`).map((name) => `${folder}/blobs/sha256/${name}`).find((path) => statSync(path).size > 1_100_000) as string;
    const bytes = readFileSync(blob);
    writeFileSync(blob, Buffer.from(bytes).fill(0, 900_000, 900_010));
    t.is((await load({ from, into, storeFolder })).bytes, 0);
    t.is((await load({ from, into, storeFolder, force: true })).reused, 2);
    t.true(readFileSync(blob).equals(bytes));
  }
});

test('diffIDs that are not those of the layers are refused, whoever brought the same layers before, or brings them along', async (t) => {
  const app = image('app', { layers: [layer('one', { gzip: true }), layer('two', { gzip: true })] });
  const bad = image('bad', { layers: app.layers, config: (config) => ({ ...config, rootfs: { type: 'layers', diff_ids: app.layers.map(({ diffId }) => diffId).toReversed() } }) });
  const [good, wrong, both] = await Promise.all([[app], [bad], [app, bad]].map((images, i) => scratch.write(`diff-ids-${i}.tar`, pack(hybridParts(images.map((each, n) => named(each, `diff-ids-${n}:${i}`)))))));
  const storeFolder = scratch.path('diff-ids-store');
  const expected = { code: 'diffid-mismatch' as const };
  for (const from of [both, wrong]) await t.throwsAsync(load({ from: from as string, storeFolder }), expected);
  await load({ from: good as string, storeFolder });
  for (const from of [wrong, both]) await t.throwsAsync(load({ from: from as string, storeFolder }), expected);
  t.is((await storeEntries(storeFolder)).length, 1);
  t.deepEqual(await storeLeftovers(storeFolder), []);
  t.is((await load({ from: good as string, storeFolder })).bytes, 0);
  // An image of which nothing but the layers is left vouches for them no more: one that was damaged is seen, and mended.
  const stored = `${storeFolder}/blobs/sha256/${app.layers[0]?.descriptor.digest.slice(7)}`;
  const bytes = readFileSync(stored);
  writeFileSync(stored, Buffer.from(bytes).fill(0, 20, 60));
  await remove({ references: ['diff-ids-0:0'], storeFolder });
  const { reused } = await load({ from: good as string, storeFolder });
  t.deepEqual([reused, readFileSync(stored).equals(bytes)], [3, true]);
});

test.serial('the command says so in one sentence, and exits with 3', async (t) => {
  const location = await archive('cli', BAD['a path 20,000 folders deep']?.[0] ?? []);
  const { code, stdout, stderr } = await imgkit(['export', location, '-o', scratch.path('cli-rootfs.tar')]);
  t.is(code, 3);
  t.is(stdout, '');
  t.regex(stderr, /^imgkit: .*\.\n$/);
  t.true(stderr.length < 1000, 'the path is not printed in full');
});

test('a filesystem with whiteouts, also an opaque marker in the root, is no root filesystem', async (t) => {
  for (const marker of ['.wh..wh..opq', 'd/.wh.x']) {
    const tar = await scratch.write('whiteout.tar', layerEntries('d/', marker));
    await t.throwsAsync(importImage({ rootfs: tar, to: 'made:1', storeFolder: scratch.path('whiteout-store') }), { code: 'usage', message: /imgkit append/ });
  }
});

test('names that differ in case alone are two files, in tars and on this disk', async (t) => {
  const location = await archive('case', ['README:1', 'readme:2']);
  t.deepEqual([...(await files({ location })).entries].map(({ path }) => path), ['/README', '/readme']);
  await extract({ location, to: scratch.path('case-out') });
  t.deepEqual(readdirSync(scratch.path('case-out')).sort(), ['README', 'readme']);
});

test('a name of more than 255 bytes goes into a tar, and on no disk: then nothing is left', async (t) => {
  const location = await archive('long', [`d/${'n'.repeat(300)}:1`]);
  t.is((await exportImage({ location, output: scratch.path('long-rootfs.tar') })).entries, 2);
  const { folder } = await places('long');
  await t.throwsAsync(extract({ location, to: `${folder}/out` }), { code: 'io-failed' });
  t.deepEqual(readdirSync(folder), ['keep']);
});

for (const [kind, mediaType] of [['gzip', 'application/vnd.oci.image.layer.v1.tar+gzip'], ['zstd', 'application/vnd.oci.image.layer.v1.tar+zstd']] as const) {
  test(`a layer that is not compressed, and is called ${kind}, is read as it is where its diffID says so too, and converted`, async (t) => {
    const base = layer('base', { mediaType });
    const location = await scratch.write(`plain-${kind}.tar`, pack(hybridParts([named(image('app', { layers: [base] }), 'app:1')])));
    const storeFolder = scratch.path(`plain-${kind}-store`);
    const { images: [moved] } = await load({ from: location, storeFolder });
    const { ok, findings } = await verify({ target: 'store:app:1', storeFolder });
    t.true(ok);
    t.deepEqual(findings.flatMap(({ check, status, message }) => status === 'note' ? [[check, /the content is none, as its diffID says too/.test(message)]] : []), [['media-types', true]]);
    t.is((await verify({ target: location, expect: moved?.digest })).matched, 'manifest');
    const shown = async (from: string): Promise<readonly string[]> => [...(await files({ location: from, storeFolder })).entries].map(({ path }) => path);
    t.true((await shown('store:app:1')).length > 0);
    for (const compress of ['none', 'gzip', 'zstd'] as const) {
      const to = scratch.path(`plain-${kind}-${compress}.tar`);
      await copy({ from: location, to, compress });
      t.true((await verify({ target: to })).ok);
      t.deepEqual(await shown(to), await shown(location));
    }
    const docker = scratch.path(`plain-${kind}.docker.tar`);
    await copy({ from: location, to: docker, format: 'docker' });
    t.deepEqual((await verify({ target: docker })).findings.filter(({ status }) => status !== 'ok'), []);
  });

  test(`a layer that is not compressed, is called ${kind} and has another diffID, is not told to be got again: verify says what it is`, async (t) => {
    const location = await scratch.write(`called-${kind}.tar`, pack(hybridParts([named(image('app', { layers: [{ ...layer('base', { mediaType }), diffId: layer('other').diffId }] }), 'app:1')])));
    const refused = { code: 'compression-malformed', message: /not compressed as its media type says: imgkit verify tells which/ } as const;
    await t.throwsAsync(load({ from: location, storeFolder: scratch.path(`called-${kind}-store`) }), refused);
    await t.throwsAsync(files({ location }), refused);
    const failed = (await verify({ target: location })).findings.filter(({ status }) => status === 'failed');
    t.deepEqual(failed.map(({ check, found }) => [check, found]), [['media-types', 'none'], ['diff-id', layer('base').diffId]]);
  });
}
