import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import test from 'ava';
import { copy, exportImage, importImage, list, outputLocation, save, verify, type WriteOptions } from '../../src/index.js';
import { makeImage } from '../../samples/make-image.js';
import { readArchive } from '../helpers/archive-file.js';
import { hybridParts, named, ociParts } from '../helpers/archive-parts.js';
import { image, index, layer, pack } from '../helpers/image-builder.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());
const hello = scratch.path('hello.tar');
test.before(() => makeImage({ output: hello }));

test('an image that is named twice is written once', async (t) => {
  const output = scratch.path('twice.tar');
  const { images } = await save({ images: [hello, `${hello}#hello:1.2.0`, hello], output });
  t.is(images.length, 1);
  const inside = await readArchive(output);
  const read = (name: string): unknown => JSON.parse(Buffer.from(inside.get(name) ?? []).toString());
  t.is((read('index.json') as { manifests: unknown[] }).manifests.length, 1);
  t.deepEqual((read('manifest.json') as { RepoTags: string[] }[]).map(({ RepoTags }) => RepoTags), [['docker.io/library/hello:1.2.0']]);
  t.true((await verify({ target: output })).ok);
});

test('an archive that could not be read again is not written', async (t) => {
  const images = await Promise.all(['a', 'b', 'c', 'd'].map((name) => scratch.write(`limits-${name}.tar`, pack(hybridParts([named(image(name), `${name}:1`)])))));
  for (const [format, limits, says] of [['hybrid', { descriptors: 3 }, /4 names and images, and 3 are read/], ['docker', { documentBytes: 1000 }, /manifest\.json of \d+ bytes, and 1000 are read/], ['oci', { archiveEntries: 12 }, /files, and 12 are read/]] as const) {
    const output = scratch.path(`limits-${format}.tar`);
    await t.throwsAsync(save({ images, output, format, limits }), { code: 'limit-exceeded', message: says });
    t.false(existsSync(output));
  }
});

test('two names of one image are both kept', async (t) => {
  const storeFolder = scratch.path('store');
  await copy({ from: hello, to: 'store:a:1', storeFolder });
  await copy({ from: hello, to: 'store:b:1', storeFolder });
  const output = scratch.path('names.tar');
  await save({ images: ['store:a:1', 'store:b:1', 'store:a:1'], output, storeFolder });
  t.deepEqual((await list({ location: output })).images.flatMap(({ names }) => names), ['docker.io/library/a:1', 'docker.io/library/b:1']);
});

test('an image that is there by itself and in an index of platforms keeps both names', async (t) => {
  const app = image('app', { layers: [layer('base')] });
  const both = index([{ ...app.descriptor, platform: { os: 'linux', architecture: 'amd64' } }], [app]);
  const output = scratch.path('both.tar');
  for (const roots of [[named(app, 'app:1-amd64'), named(both, 'app:1')], [named(both, 'app:1'), named(app, 'app:1-amd64')]]) {
    const from = await scratch.write('oci.tar', pack(ociParts(roots)));
    await copy({ from, to: output });
    const { images } = await list({ location: output });
    t.deepEqual(images.map(({ names, digest }) => [names, digest]), roots.map(({ document, name }) => [[`docker.io/library/${name}`], document.descriptor.digest]));
    t.true((await verify({ target: output })).ok);
  }
});

for (const name of ['x.tar.xz', 'x.tar.bz2', 'x.tar.XZ', 'x.tar.lz4', 'x.txz']) {
  test(`${name}: a name that promises a compression that is not written is refused`, async (t) => {
    const output = scratch.path(name);
    await t.throwsAsync(save({ images: [hello], output }), { code: 'usage', message: /not written here/ } as object);
    await t.throwsAsync(exportImage({ location: hello, output }), { code: 'usage' } as object);
    t.deepEqual(await scratch.tree(name), []);
  });
}

for (const output of ['docker-daemon:', 'docker-daemon:app:1', 'store:app:1', 'docker://localhost:5000/app:1']) {
  test(`${output}: is no archive, and no file of that name is written`, async (t) => {
    await t.throwsAsync(save({ images: [hello], output }), { code: 'usage', message: new RegExp(`imgkit copy LOCATION ${output}$`) } as object);
  });
}

const contradictions: readonly (readonly [string, WriteOptions, RegExp])[] = [
  ['docker-archive:x.tar', { format: 'oci' }, /says docker and --format oci/],
  ['oci-archive:x.tar', { format: 'hybrid' }, /says oci and --format hybrid/],
  ['oci:x', { format: 'docker' }, /says oci and --format docker/],
  ['oci:x', { compressArchive: 'gzip' }, /is no archive that could be compressed as a whole/],
  ['store:', { compressArchive: 'zstd' }, /is no archive/],
  ['x.tar', { compressLevel: 9 }, /--compress-level is for layers/],
  ['x.tar.gz', { compressLevel: 9, compress: 'none' }, /--compress-level is for layers/],
];
for (const [to, options, message] of contradictions) {
  test(`${to} and ${JSON.stringify(options)} contradict each other`, async (t) => {
    await t.throwsAsync(copy({ from: hello, to, ...options }), { code: 'usage', message } as object);
  });
}

test('what a location and an option both say is no contradiction', async (t) => {
  await copy({ from: hello, to: `oci-archive:${scratch.path('agreed.tar')}`, format: 'oci', compressArchive: 'none' });
  await copy({ from: hello, to: `docker-archive:${scratch.path('agreed.tar')}`, format: 'docker', compressArchive: 'gzip' });
  t.is((await list({ location: scratch.path('agreed.tar') })).format, 'docker-archive');
});

test('unless it is said what to do with it', async (t) => {
  const output = scratch.path('said.tar.xz');
  const { bytes } = await save({ images: [hello], output, compressArchive: 'gzip' });
  t.is(bytes, (await stat(output)).size, 'what was written, not what went into the compressor');
  t.true((await verify({ target: output })).ok);
});

for (const [output, location] of [['app', './app'], ['app:1', './app:1'], ['a#b', './a#b'], ['-', '-'], ['~/x', '~/x'], ['oci:x', 'oci:x'], ['store:x', 'store:x'], ['file:///x', 'file:///x']] as const) {
  test(`-o ${output} is ${location}`, (t) => void t.is(outputLocation(output), location));
}

test('a folder that is not there is named, and so is one that is the target', async (t) => {
  await t.throwsAsync(save({ images: [hello], output: scratch.path('none/x.tar') }), { code: 'file-not-found', message: /there is no folder .*none to write it to; make it first\.$/ } as object);
  await t.throwsAsync(save({ images: [hello], output: scratch.folder }), { code: 'io-failed', message: /is a folder; name a file in it, or write oci:/ } as object);
  await t.throwsAsync(exportImage({ location: hello, output: scratch.folder }), { code: 'io-failed', message: /is a folder; name a file in it\.$/ } as object);
});

test('a short text is no tar that was cut', async (t) => {
  const from = await scratch.write('note.txt', 'text\n');
  await t.throwsAsync(importImage({ rootfs: from, to: scratch.path('x.tar') }), { code: 'tar-truncated', message: /shorter than one tar header/ } as object);
});
