import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { basename } from 'node:path';
import test from 'ava';
import { copy, inspect, load, verify, type InspectResult, type WriteOptions } from '../../src/index.js';
import { dockerParts, hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { readArchive } from '../helpers/archive-file.js';
import { blobPath, hexOf, image, index, layer, layerTar, pack, sha256, TYPES, type BuiltImage } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const app = image('app', { layers: [layer('base', { gzip: true }), layer('app', { gzip: true })] });
const plain = image('plain', { layers: [layer('base'), layer('plain')] });
let count = 0;
const out = (ending = 'tar'): string => scratch.path(`out${(count += 1)}.${ending}`);

async function ociFile(...images: readonly BuiltImage[]): Promise<string> {
  return scratch.write(`in${(count += 1)}.tar`, pack(ociParts(images.map((each, i) => named(each, `app:${i + 1}`)))));
}

const identity = ({ imageId, layers }: InspectResult): unknown => [imageId, layers.map(({ diffId }) => diffId)];
const expected = ({ configDescriptor, layers }: BuiltImage): unknown => [configDescriptor.digest, layers.map(({ diffId }) => diffId)];

for (const first of ['none', 'gzip', 'zstd'] as const) {
  for (const second of ['none', 'gzip', 'zstd'] as const) {
    test(`${first} to ${second}: config and diffIDs stay, the manifest changes when the layers do, and it says why`, async (t) => {
      const [one, two] = [out(), out()];
      await copy({ from: await ociFile(app), to: one, compress: first });
      const before = await inspect({ location: one });
      const moved = await copy({ from: one, to: two, compress: second });
      const after = await inspect({ location: two });
      t.deepEqual(identity(after), expected(app));
      const suffix = second === 'none' ? 'tar' : `tar+${second}`;
      t.true(after.layers.every(({ descriptor }) => descriptor.mediaType.endsWith(suffix)), after.layers.map(({ descriptor }) => descriptor.mediaType).join());
      const [result] = moved.images;
      if (first === second) {
        t.deepEqual([after.digest, result?.changedBecause, result?.sourceDigest], [before.digest, undefined, undefined]);
      } else {
        t.not(after.digest, before.digest);
        t.is(result?.sourceDigest, before.digest);
        t.regex(result?.changedBecause ?? '', /compression/);
      }
      t.true((await verify({ target: two })).ok);
    });
  }
}

test('the level changes the layers, never what they hold', async (t) => {
  const from = await ociFile(image('text', { layers: [layer(layerTar('text', Buffer.from(Array.from({ length: 200_000 }, (_, i) => 97 + ((i * i) % 17)))))] }));
  const sizes: number[] = [];
  for (const compressLevel of ['fast', 1, 9] as const) {
    const to = out();
    await copy({ from, to, compress: 'gzip', compressLevel });
    t.true((await verify({ target: to })).ok);
    sizes.push((await inspect({ location: to })).size);
  }
  t.is(sizes[0], sizes[1]);
  t.true((sizes[2] ?? 0) < (sizes[1] ?? 0), String(sizes));
});

test('a docker archive is called by the digest that its readers find: annotations and media types are no part of it', async (t) => {
  const annotated = image('annotated', { layers: [layer('base')], manifest: (manifest) => ({ ...manifest, annotations: { a: 'b' } }) });
  const ofDocker = image('docker', { family: 'docker', layers: [layer('base', { gzip: true, family: 'docker' })] });
  for (const from of [await ociFile(annotated), await ociFile(ofDocker), await ociFile(app)]) {
    const [to, again] = [out(), out()];
    const [moved] = (await copy({ from, to, format: 'docker' })).images;
    const { digest } = await inspect({ location: to });
    t.deepEqual([moved?.digest, moved?.sourceDigest], [digest, (await inspect({ location: from })).digest]);
    // Nothing changes from one docker archive to the next, and nothing is said to.
    const [same] = (await copy({ from: to, to: again, format: 'docker' })).images;
    t.deepEqual([same?.digest, same?.sourceDigest, same?.changedBecause, same?.manifestOrigin], [digest, undefined, undefined, 'synthesized']);
  }
});

test('oci to docker to oci keeps config and diffIDs, and says that the manifest was made up', async (t) => {
  const [docker, back] = [out(), out()];
  const there = await copy({ from: await ociFile(app), to: docker, format: 'docker' });
  t.is(there.format, 'docker-archive');
  t.regex(there.images[0]?.changedBecause ?? '', /holds no manifest/);
  const inside = await readArchive(docker);
  t.deepEqual([...inside.keys()].toSorted(), ['manifest.json', 'repositories', `${hexOf(app.configDescriptor.digest)}.json`, ...app.layers.map(({ diffId }) => `${hexOf(diffId)}.tar`)].toSorted());
  const again = await copy({ from: docker, to: back, format: 'oci' });
  t.is(again.images[0]?.manifestOrigin, 'synthesized');
  t.deepEqual(identity(await inspect({ location: back })), expected(app));
  t.is((await inspect({ location: docker })).manifestOrigin, 'synthesized');
});

test('a docker archive of gzip layers, when asked for, is one that can be read', async (t) => {
  const to = out();
  await copy({ from: await ociFile(plain), to, format: 'docker', compress: 'gzip' });
  t.true((await verify({ target: to })).ok);
  t.deepEqual(identity(await inspect({ location: to })), expected(plain));
});

test('docker to docker gives the same bytes from every dialect', async (t) => {
  const outputs: Buffer[] = [];
  for (const dialect of ['skopeo', 'docker20'] as const) {
    const from = await scratch.write(`${dialect}.tar`, pack(dockerParts(dialect, [named(plain, 'plain:1')])));
    const to = out();
    await copy({ from, to, format: 'docker' });
    outputs.push(await readFile(to));
  }
  t.deepEqual(outputs[0], outputs[1]);
});

test('crane and kaniko: gzip layers stay as they are in an OCI archive', async (t) => {
  for (const dialect of ['crane', 'kaniko'] as const) {
    const from = await scratch.write(`${dialect}.tar`, pack(dockerParts(dialect, [named(app, 'app:1')])));
    const to = out();
    await copy({ from, to, format: 'oci' });
    const inside = await readArchive(to);
    for (const { descriptor, stored } of app.layers) t.deepEqual(inside.get(blobPath(descriptor.digest)), stored);
  }
});

test('without a reason to change anything, every blob and document keeps its bytes', async (t) => {
  const docker = image('docker', { family: 'docker', layers: [layer('base', { gzip: true, family: 'docker' })], manifest: (value) => JSON.stringify(value, undefined, 3) });
  for (const each of [app, plain, docker]) {
    for (const format of ['hybrid', 'oci'] as const) {
      const to = out();
      const moved = await copy({ from: await ociFile(each), to, format });
      t.is(moved.images[0]?.digest, each.descriptor.digest as never);
      const inside = await readArchive(to);
      for (const [digest, bytes] of each.blobs) t.deepEqual(inside.get(blobPath(digest)), bytes);
    }
  }
});

test('Docker media types become OCI types for zstd, which Docker has none for', async (t) => {
  const docker = image('docker', { family: 'docker', layers: [layer('base', { gzip: true, family: 'docker' })] });
  const to = out();
  await copy({ from: await ociFile(docker), to, compress: 'zstd' });
  const { mediaType, layers, imageId } = await inspect({ location: to });
  t.deepEqual([mediaType, layers[0]?.descriptor.mediaType, imageId], [TYPES.oci.manifest, `${TYPES.oci.layer}+zstd`, docker.configDescriptor.digest as never]);
  t.true((await verify({ target: to })).ok);
});

/** A gzip layer whose trailer speaks of its last member only. */
function liar(): BuiltImage {
  const tar = layerTar('members', Buffer.alloc(100_000, 'x'));
  return image('liar', { layers: [layer(tar, { gzip: true, stored: Buffer.concat([gzipSync(tar.subarray(0, 60_000)), gzipSync(tar.subarray(60_000))]) })] });
}

for (const [what, target] of [['file', () => out()], ['compressed file', () => out('tar.gz')], ['stream', () => '-']] as const) {
  test.serial(`a gzip layer that lies about its size is written right: ${what}`, async (t) => {
    const to = target();
    const path = out();
    const options: WriteOptions = to === '-' ? { stdout: createWriteStream(path) } : {};
    await copy({ from: await ociFile(liar()), to, format: 'docker', ...options });
    if (options.stdout !== undefined) await new Promise<void>((done) => options.stdout?.end(done));
    const report = await verify({ target: to === '-' ? path : to });
    t.true(report.ok);
    t.deepEqual(await scratch.tree('tmp'), []);
  });
}

test('a plain layer whose media type says that it is compressed becomes what was asked for, and stays what it is where nothing was', async (t) => {
  const from = await ociFile(image('mislabelled', { layers: [layer('base', { mediaType: `${TYPES.oci.layer}+gzip` }), layer('app', { mediaType: `${TYPES.oci.layer}+zstd` })] }));
  const before = await inspect({ location: from });
  for (const compress of ['none', 'gzip', 'zstd'] as const) {
    const storeFolder = scratch.path(`store${(count += 1)}`);
    for (const time of [1, 2]) {
      const [moved] = (await load({ from, compress, storeFolder })).images;
      t.regex(moved?.changedBecause ?? '', /compression/, `${compress}, ${time}`);
    }
    const { layers } = await inspect({ location: 'app:1', storeFolder });
    for (const { descriptor: { mediaType, digest }, diffId } of layers) {
      t.is(mediaType, `${TYPES.oci.layer}${compress === 'none' ? '' : TYPES.oci[compress]}`);
      t.is(digest === diffId, compress === 'none');
    }
    const { ok, findings } = await verify({ target: 'app:1', storeFolder });
    t.true(ok);
    t.deepEqual(findings.filter(({ check, status }) => check === 'media-types' && status !== 'ok'), []);
  }
  const to = out();
  await copy({ from, to });
  t.is((await inspect({ location: to })).digest, before.digest);
});

test('converting does not let one image change another: a false diffID is refused', async (t) => {
  const [truth, lie] = [layer('truth'), layer('lie')];
  const honest = image('honest', { layers: [truth] });
  const liar = image('liar', { layers: [{ ...lie, diffId: truth.diffId }] });
  for (const compress of ['gzip', 'zstd'] as const) {
    const to = out();
    await t.throwsAsync(copy({ from: await ociFile(liar, honest), to, compress }), { code: 'diffid-mismatch' });
    t.deepEqual((await scratch.tree()).filter((path) => path.includes(basename(to))), []);
  }
});

test('layers that are compressed several at once, into a folder, get the bytes that they get one after the other', async (t) => {
  const many = image('many', { layers: ['one', 'two', 'three', 'two'].map((name, i) => layer(layerTar(`${name}`, Buffer.alloc(300_000 * (i + 1), name)))) });
  const [archive, folder] = [out(), scratch.path(`oci${(count += 1)}`)];
  const from = await ociFile(many);
  const totals = new Map<string, number>();
  for (const to of [archive, `oci:${folder}`]) await copy({ from, to, compress: 'gzip', format: 'oci', onProgress: ({ phase, item, total }) => void (phase === 'compress' && totals.set(item ?? '', total ?? 0)) });
  t.is((await inspect({ location: `oci:${folder}` })).digest, (await inspect({ location: archive })).digest);
  t.true((await verify({ target: `oci:${folder}` })).ok);
  t.deepEqual([...totals.values()].toSorted(), many.layers.map(({ descriptor }) => descriptor.size).toSorted());
});

test('one that is damaged ends the others, and nothing is left', async (t) => {
  const [good, bad] = [layer('good'), layer('bad')];
  const tar = pack(ociParts([named(image('damaged', { layers: [good, { ...bad, stored: Buffer.from(bad.stored).fill(1, 600, 601) }] }), 'app:1')]));
  const from = await scratch.write(`in${(count += 1)}.tar`, tar);
  const folder = scratch.path(`oci${(count += 1)}`);
  await t.throwsAsync(copy({ from, to: `oci:${folder}`, compress: 'gzip' }), { code: 'digest-mismatch' });
  t.deepEqual(await scratch.tree(basename(folder)), []);
});

test('load with a conversion checks the structure of layers too', async (t) => {
  const broken = image('broken', { layers: [layer(Buffer.alloc(2048, 'no tar'), { gzip: true })] });
  for (const compress of ['none', 'gzip', 'zstd'] as const) {
    await t.throwsAsync(load({ from: await ociFile(broken), compress, storeFolder: scratch.path(`store${(count += 1)}`) }), { code: 'tar-malformed' });
  }
});

test('load into a stream proves the layers before the first byte', async (t) => {
  for (const [broken, code] of [
    [image('broken', { layers: [layer(Buffer.alloc(2048, 'no tar'), { gzip: true })] }), 'tar-malformed'],
    [image('liar', { layers: [{ ...layer('lie', { gzip: true }), diffId: layer('truth').diffId }] }), 'diffid-mismatch'],
  ] as const) {
    const path = out();
    const stdout = createWriteStream(path);
    await t.throwsAsync(load({ from: await ociFile(broken), into: '-', stdout }), { code });
    await new Promise<void>((done) => stdout.end(done));
    t.is((await readFile(path)).length, 0);
  }
});

test('an index follows its converted members, and so does an attestation about them', async (t) => {
  const statement = image('statement', { layers: [layer('statement', { stored: Buffer.from('{}'), mediaType: 'application/vnd.in-toto+json' })] });
  const about = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': app.descriptor.digest };
  const both = index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }, { ...statement.descriptor, annotations: about }], [app, statement]);
  const from = await scratch.write('attested.tar', pack(ociParts([named(both, 'app:1')])));
  const to = out();
  await copy({ from, to, compress: 'zstd', format: 'oci' });
  const inside = await readArchive(to);
  const { manifests } = JSON.parse(String(inside.get(blobPath((await inspect({ location: to })).digest)))) as { manifests: { digest: string; annotations?: Record<string, string> }[] };
  t.not(manifests[0]?.digest, app.descriptor.digest);
  t.is(manifests[1]?.annotations?.['vnd.docker.reference.digest'], manifests[0]?.digest);
  t.is(manifests[1]?.digest, statement.descriptor.digest);
});

test('the hybrid archive holds manifest.json and index.json that name the same', async (t) => {
  const to = out();
  await copy({ from: await scratch.write('hybrid.tar', pack(hybridParts([named(app, 'app:1'), named(plain, 'plain:2')]))), to });
  const inside = await readArchive(to);
  t.deepEqual([...inside.keys()].slice(0, 3), ['oci-layout', 'index.json', 'manifest.json']);
  const docker = JSON.parse(String(inside.get('manifest.json'))) as { RepoTags: string[]; Config: string }[];
  t.deepEqual(docker.map(({ RepoTags }) => RepoTags), [['docker.io/library/app:1'], ['docker.io/library/plain:2']]);
  t.is(sha256(inside.get(docker[0]?.Config ?? '') ?? ''), app.configDescriptor.digest);
});

test.serial('standard input is read once and spooled without a trace', async (t) => {
  const from = await ociFile(app);
  const to = out();
  await copy({ from: '-', stdin: createReadStream(from), to });
  t.deepEqual(identity(await inspect({ location: to })), expected(app));
  t.deepEqual(await scratch.tree('tmp'), []);
});
