import { readFile } from 'node:fs/promises';
import test from 'ava';
import { sameBytes } from '../content/bytes.js';
import { copy, inspect, list, load, save, verify } from '../../src/index.js';
import { dockerParts, named, ociParts } from '../helpers/archive-parts.js';
import { readArchive } from '../helpers/archive-file.js';
import { artifact, blobPath, describe, image, index, layer, pack, TYPES, type JsonDescriptor } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const arch = (architecture: string, variant?: string) => image(architecture + (variant ?? ''), {
  layers: [layer(`base-${architecture}${variant ?? ''}`, { gzip: true })],
  config: (value) => ({ ...value, architecture, ...(variant && { variant }) }),
});
const amd64 = arch('amd64');
const arm64 = arch('arm64', 'v8');
const at = (descriptor: JsonDescriptor, architecture: string, variant?: string): JsonDescriptor => ({ ...descriptor, platform: { os: 'linux', architecture, ...(variant && { variant }) } });
const absent = at(describe(TYPES.oci.manifest, Buffer.from('elsewhere')), 's390x');
const signature = artifact('application/x-signature', 'signed', amd64.descriptor);
const multi = index([at(amd64.descriptor, 'amd64'), at(arm64.descriptor, 'arm64', 'v8'), absent], [amd64, arm64], (value) => JSON.stringify(value, undefined, 1));
let count = 0;
const out = (): string => scratch.path(`out${(count += 1)}.tar`);
const store = (): string => scratch.path(`store${(count += 1)}`);
const multiFile = (): Promise<string> => scratch.write(`multi${(count += 1)}.tar`, pack(ociParts([named(multi, 'app:1')])));

test('an index moves bit for bit, with the members that are here', async (t) => {
  const from = await multiFile();
  for (const format of ['hybrid', 'oci'] as const) {
    const to = out();
    const moved = await copy({ from, to, format });
    t.is(moved.images[0]?.digest, multi.descriptor.digest as never);
    t.true(moved.notes.some(({ check, status }) => check === 'closure' && status === 'note'));
    const inside = await readArchive(to);
    for (const [digest, bytes] of multi.blobs) t.deepEqual(inside.get(blobPath(digest)), bytes);
    t.deepEqual((await list({ location: to })).images[0]?.members?.map(({ present, platform }) => [platform?.architecture, present]), [['amd64', true], ['arm64', true], ['s390x', false]]);
    t.true((await verify({ target: to })).ok);
  }
});

test('--platform takes one member, and says that the digest is another', async (t) => {
  const to = out();
  const moved = await copy({ from: await multiFile(), to, platform: 'linux/arm64' });
  t.is(moved.images[0]?.digest, arm64.descriptor.digest as never);
  t.is(moved.images[0]?.sourceDigest, multi.descriptor.digest as never);
  t.regex(moved.images[0]?.changedBecause ?? '', /platform/);
  t.deepEqual(moved.images[0]?.names, ['docker.io/library/app:1']);
  const { platform, kind } = await inspect({ location: to });
  t.deepEqual([platform?.architecture, kind], ['arm64', 'image']);
  t.false((await readArchive(to)).has(blobPath(amd64.configDescriptor.digest)));
});

test('a platform that is not there is an error that lists those that are', async (t) => {
  const error = await t.throwsAsync(copy({ from: await multiFile(), to: out(), platform: 'linux/riscv64' }), { code: 'image-not-found' });
  t.regex(error.message, /linux\/amd64, linux\/arm64/);
  await t.throwsAsync(copy({ from: await multiFile(), to: out(), platform: 'linux/' }), { code: 'platform-invalid' });
  await t.throwsAsync(copy({ from: await multiFile(), to: out(), platform: 'linux/s390x' }), { code: 'image-not-found' });
});

test('--all-platforms insists on what the index names', async (t) => {
  const error = await t.throwsAsync(copy({ from: await multiFile(), to: out(), allPlatforms: true }), { code: 'blob-missing' });
  t.true(error.message.includes(absent.digest));
  const whole = await scratch.write('whole.tar', pack(ociParts([named(index([at(amd64.descriptor, 'amd64')], [amd64]), 'app:1')])));
  await t.notThrowsAsync(copy({ from: whole, to: out(), allPlatforms: true }));
});

test('--all-platforms and a docker archive, which holds one, are refused together, unless there is but one', async (t) => {
  const to = out();
  await t.throwsAsync(copy({ from: await multiFile(), to, format: 'docker', allPlatforms: true }), { code: 'usage', message: /docker\.io\/library\/app:1 is \d platforms.*choose it with --platform/ });
  const whole = await scratch.write('one-whole.tar', pack(ociParts([named(index([at(amd64.descriptor, 'amd64')], [amd64]), 'app:1')])));
  await t.notThrowsAsync(copy({ from: whole, to, format: 'docker', allPlatforms: true }));
});

test('a docker archive takes one platform', async (t) => {
  const to = out();
  await copy({ from: await multiFile(), to, format: 'docker', platform: 'linux/amd64' });
  t.is((await inspect({ location: to })).imageId, amd64.configDescriptor.digest as never);
});

test('referrers and artifacts come along, and inspect shows them', async (t) => {
  const folder = store();
  const from = await scratch.write('signed.tar', pack(ociParts([named(amd64, 'app:1'), named(signature)])));
  await load({ from, storeFolder: folder });
  const to = out();
  await save({ images: ['app:1'], output: to, storeFolder: folder });
  const inside = await readArchive(to);
  for (const [digest, bytes] of signature.blobs) t.deepEqual(inside.get(blobPath(digest)), bytes);
  t.deepEqual((await inspect({ location: `${to}#app:1` })).referrers, [{ digest: signature.descriptor.digest as never, artifactType: 'application/x-signature' }]);
});

test('a docker archive leaves artifacts out and says so', async (t) => {
  const from = await scratch.write('signed2.tar', pack(ociParts([named(amd64, 'app:1'), named(signature, 'sig:1')])));
  const moved = await copy({ from, to: out(), format: 'docker' });
  t.true(moved.notes.some(({ message }) => /not a runnable image/.test(message)));
  t.deepEqual(moved.images.map(({ names }) => names), [['docker.io/library/app:1']]);
});

test('several images from the store go into one archive, what they share once, the same bytes each time', async (t) => {
  const folder = store();
  const second = image('second', { layers: [amd64.layers[0], layer('second', { gzip: true })].flatMap((each) => each ?? []) });
  await load({ from: await scratch.write('a.tar', pack(ociParts([named(amd64, 'app:1')]))), storeFolder: folder });
  const result = await load({ from: await scratch.write('b.tar', pack(ociParts([named(second, 'team/second:2')]))), storeFolder: folder });
  t.is(result.reused, 1);
  const [one, two] = [out(), out()];
  await save({ images: ['app:1', 'team/second:2'], output: one, storeFolder: folder });
  await save({ images: ['app:1', 'team/second:2'], output: two, storeFolder: folder });
  sameBytes(t, await readFile(one), await readFile(two));
  t.deepEqual((await list({ location: one })).images.map(({ names }) => names), [['docker.io/library/app:1'], ['docker.io/team/second:2']]);
  t.is([...(await readArchive(one)).keys()].filter((path) => path.startsWith('blobs/')).length, new Set([...amd64.blobs.keys(), ...second.blobs.keys()]).size);
});

test('the target names the image; only one image can have the name', async (t) => {
  const from = await scratch.write('one.tar', pack(dockerParts('skopeo', [named(amd64, 'app:1')])));
  const both = await scratch.write('two.tar', pack(ociParts([named(amd64, 'app:1'), named(arm64, 'other:1')])));
  const to = out();
  t.deepEqual((await copy({ from, to: `docker-archive:${to}:new/name:2` })).images[0]?.names, ['docker.io/new/name:2']);
  t.deepEqual((await list({ location: to })).images[0]?.names, ['docker.io/new/name:2']);
  await t.throwsAsync(copy({ from: both, to: `docker-archive:${out()}:new/name:2` }), { code: 'usage' });
  t.deepEqual((await copy({ from: `${both}#other:1`, to: `docker-archive:${out()}:new/name:2` })).images.map(({ names }) => names), [['docker.io/new/name:2']]);
  const folder = scratch.path('renamed');
  t.is((await copy({ from, to: `oci:${folder}:tag` })).images.length, 1);
  t.is((await list({ location: `oci:${folder}` })).images[0]?.refName, 'tag');
  const storeFolder = store();
  await copy({ from, to: 'store:mine:3', storeFolder });
  t.deepEqual((await list({ storeFolder })).images[0]?.names, ['docker.io/library/mine:3']);
});

test('an image without a name keeps none', async (t) => {
  const from = await scratch.write('untagged.tar', pack(dockerParts('skopeo', [named(amd64)])));
  for (const format of ['hybrid', 'oci', 'docker'] as const) {
    const to = out();
    await copy({ from, to, format });
    t.deepEqual((await list({ location: to })).images.map(({ names }) => names), [[]], format);
  }
});

test('a damaged image in the store does not keep others from being saved', async (t) => {
  const folder = store();
  await load({ from: await scratch.write('c.tar', pack(ociParts([named(amd64, 'app:1'), named(arm64, 'other:1')]))), storeFolder: folder });
  await scratch.write(`${folder.slice(scratch.folder.length + 1)}/${blobPath(arm64.descriptor.digest)}`, 'damaged');
  await t.notThrowsAsync(save({ images: ['app:1'], output: out(), storeFolder: folder }));
  await t.throwsAsync(save({ images: ['other:1'], output: out(), storeFolder: folder }), { code: 'size-mismatch' });
});
