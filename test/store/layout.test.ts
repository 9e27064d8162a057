import { mkdir, readdir, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { makePrivate } from '../../src/content/make-private.js';
import { controlFolder } from '../../src/store/control-folder.js';
import { readIndexFile, writeIndexFile } from '../../src/store/index-file.js';
import { LayoutBlobs, blobPath } from '../../src/store/layout-blobs.js';
import { openLayout } from '../../src/store/layout.js';
import { sameBytes } from '../content/bytes.js';
import { limits, sourceOf } from './open-sample.js';
import { json, sampleImage, writeBlobs } from './sample-image.js';
import { temporaryFolder } from './temporary-folder.js';

const MARK = '{"imageLayoutVersion":"1.0.0"}';

test('a missing folder becomes an empty layout when asked to', async (t) => {
  const folder = join(await temporaryFolder(t), 'new', 'layout');
  await t.throwsAsync(openLayout(folder, { create: false, limits }), { code: 'file-not-found' });
  const layout = await openLayout(folder, { create: true, limits });
  t.deepEqual(layout.descriptors, []);
  t.deepEqual((await readdir(folder)).sort(), ['index.json', 'oci-layout']);
  await layout.close();
});

test('a folder of something else is not taken over', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'thesis.txt'), '');
  await t.throwsAsync(openLayout(folder, { create: true, limits }), { code: 'format-unknown' });
  t.deepEqual(await readdir(folder), ['thesis.txt']);
});

for (const [title, mark, index, code] of [
  ['an unknown version', '{"imageLayoutVersion":"2.0.0"}', '{"schemaVersion":2,"manifests":[]}', 'document-malformed'],
  ['no index', MARK, undefined, 'file-not-found'],
  ['an index with a key twice', MARK, '{"schemaVersion":2,"manifests":[],"manifests":[]}', 'document-malformed'],
  ['an index that is a manifest as well', MARK, '{"schemaVersion":2,"manifests":[],"layers":[]}', 'document-malformed'],
] as const) {
  test(`refused: ${title}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'oci-layout'), mark);
    if (index !== undefined) await writeFile(join(folder, 'index.json'), index);
    const error = await t.throwsAsync(openLayout(folder, { create: false, limits }), { code });
    t.true(error.message.startsWith(folder));
  });
}

test('blobs are found, streamed and located', async (t) => {
  const image = sampleImage('app', ['one'], 3_000_000);
  const blobs = await sourceOf(t, image);
  const [layer] = image.layers;
  if (layer === undefined) throw new Error('no layer');
  t.is(await blobs.stat(layer.digest), 3_000_000);
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.openUnverified(layer.digest)) chunks.push(chunk);
  sameBytes(t, Buffer.concat(chunks), image.blobs.get(layer.digest) ?? new Uint8Array());
  const [first, second] = await Promise.all([blobs.locate(layer.digest), blobs.locate(layer.digest)]);
  t.deepEqual(first, second);
  t.is(first?.length, 3_000_000);
});

test('a blob that is missing, a link, a pipe or a folder is no blob', async (t) => {
  const folder = await temporaryFolder(t);
  const image = sampleImage('app');
  await writeBlobs(folder, image);
  const [base, top] = image.layers;
  if (base === undefined || top === undefined) throw new Error('no layers');
  const real = join(folder, 'real');
  await rename(blobPath(folder, base.digest), real);
  await symlink(real, blobPath(folder, base.digest));
  await unlink(blobPath(folder, top.digest));
  await mkdir(blobPath(folder, top.digest));
  await unlink(blobPath(folder, image.config.digest));
  const blobs = new LayoutBlobs(folder);
  for (const { digest } of [base, top, image.config]) {
    t.is(await blobs.stat(digest), undefined);
    await t.throwsAsync(blobs.locate(digest), { code: 'blob-missing' });
    await t.throwsAsync(async () => { for await (const _ of blobs.openUnverified(digest)); }, { code: 'blob-missing' });
  }
  await blobs.close();
});

test('fields of index.json that we do not know survive a change', async (t) => {
  const folder = await temporaryFolder(t);
  const { manifest } = sampleImage('app');
  await writeFile(join(folder, 'oci-layout'), MARK);
  await writeFile(join(folder, 'index.json'), json({ schemaVersion: 2, manifests: [{ ...manifest, 'x-entry': 1 }], annotations: { a: 'b' }, 'x-index': { y: [null] } }));
  const control = controlFolder(folder, { permanent: false });
  await makePrivate(control.folder);
  const before = await readIndexFile(folder, limits);
  await writeIndexFile(control, before, before.entries, limits);
  t.deepEqual(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')), { schemaVersion: 2, manifests: [{ ...manifest, 'x-entry': 1 }], annotations: { a: 'b' }, 'x-index': { y: [null] } });
});
