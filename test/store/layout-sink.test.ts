import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { digestOf } from '../../src/content/digest.js';
import type { BlobPass } from '../../src/content/blob-pass.js';
import { SizeMispredicted, type Transfer, type TransferBlob } from '../../src/image/image-sink.js';
import { blobPath } from '../../src/store/layout-blobs.js';
import { LayoutSink, type LayoutSinkOptions } from '../../src/store/layout-sink.js';
import { limits, sourceOf } from './open-sample.js';
import { json, sampleImage, transferOf } from './sample-image.js';
import { temporaryFolder } from './temporary-folder.js';
import { threadPool } from './thread-pool.js';

const NAME = 'docker.io/library/app:1.9.6';

function sinkFor(folder: string, options: Partial<LayoutSinkOptions> = {}): LayoutSink {
  return new LayoutSink({ kind: 'oci-layout', folder, pool: threadPool(), limits, refNameFor: () => '1.9.6', ...options });
}

async function indexOf(folder: string): Promise<readonly { readonly digest: string; readonly annotations?: Record<string, string> }[]> {
  return (JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as { manifests: [] }).manifests;
}

/** Every file below `folder`, relative. */
async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name).sort();
}

test('a new layout holds the image, named as asked, and nothing else', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const image = sampleImage('app');
  const passes: BlobPass[] = [];
  const written = await sinkFor(folder, { pool: threadPool({ passes }) }).write(transferOf(image, await sourceOf(t, image), [NAME]));
  t.deepEqual((await readdir(folder)).sort(), ['blobs', 'index.json', 'oci-layout']);
  const [entry] = await indexOf(folder);
  t.deepEqual(entry?.annotations, { 'org.opencontainers.image.ref.name': '1.9.6', 'io.containerd.image.name': NAME });
  for (const [digest, bytes] of image.blobs) t.deepEqual(await readFile(blobPath(folder, digest)), Buffer.from(bytes));
  t.is(written.bytes, [...image.blobs.values()].reduce((sum, { length }) => sum + length, 0));
  t.is(written.reused, 0);
  t.is(passes.length, 3);
  t.is((await stat(blobPath(folder, image.manifest.digest))).mode & 0o777, 0o644);
});

test('what is there already is reused, unless its size is wrong', async (t) => {
  const folder = await temporaryFolder(t);
  const image = sampleImage('app');
  const source = await sourceOf(t, image);
  await sinkFor(folder).write(transferOf(image, source, [NAME]));
  const again = await sinkFor(folder).write(transferOf(image, source, [NAME]));
  t.like(again, { bytes: 0, reused: 4 });
  await writeFile(blobPath(folder, image.config.digest), 'cut');
  const repaired = await sinkFor(folder).write(transferOf(image, source, [NAME]));
  t.like(repaired, { bytes: image.config.size, reused: 3 });
  t.is((await indexOf(folder)).length, 1);
});

test('an entry of the same ref name is replaced, others are kept', async (t) => {
  const folder = await temporaryFolder(t);
  const [one, two, three] = [sampleImage('one'), sampleImage('two'), sampleImage('three')];
  const source = await sourceOf(t, one, two, three);
  await sinkFor(folder, { refNameFor: () => 'other' }).write(transferOf(one, source, [NAME]));
  await sinkFor(folder).write(transferOf(two, source, [NAME]));
  await sinkFor(folder).write(transferOf(three, source, [NAME]));
  await sinkFor(folder).write(transferOf(three, source, []));
  t.deepEqual((await indexOf(folder)).map(({ digest }) => digest), [one.manifest.digest, three.manifest.digest]);
});

test('a root without names gets an entry without a name', async (t) => {
  const folder = await temporaryFolder(t);
  const image = sampleImage('app');
  await sinkFor(folder).write(transferOf(image, await sourceOf(t, image), []));
  t.deepEqual(await indexOf(folder), [image.manifest]);
});

function damaged(transfer: Transfer, change: (blob: TransferBlob) => TransferBlob): Transfer {
  return { ...transfer, blobs: transfer.blobs.map((blob, i) => (i === 1 ? change(blob) : blob)) };
}

async function nothingLeft(t: ExecutionContext, folder: string, sink: LayoutSink): Promise<void> {
  await sink.discard();
  await t.throwsAsync(readdir(folder), { code: 'ENOENT' });
}

test('a blob with another content is refused and nothing stays', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const image = sampleImage('app');
  const [base] = image.layers;
  const forged = { ...image, blobs: new Map(image.blobs).set(base?.digest ?? image.config.digest, Buffer.alloc(3000)) };
  const sink = sinkFor(folder);
  await t.throwsAsync(sink.write(transferOf(image, await sourceOf(t, forged), [NAME])), { code: 'digest-mismatch' });
  await nothingLeft(t, folder, sink);
});

test('a blob of another size than its descriptor says is refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const image = sampleImage('app');
  const sink = sinkFor(folder);
  const transfer = damaged(transferOf(image, await sourceOf(t, image), [NAME]), (blob) => ({ ...blob, descriptor: { ...blob.descriptor, size: 1 } }));
  await t.throwsAsync(sink.write(transfer), { code: 'size-mismatch' });
  await nothingLeft(t, folder, sink);
});

test('a manifest that is not what its digest says is refused', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const image = sampleImage('app');
  const transfer = transferOf(image, await sourceOf(t, image), [NAME]);
  const documents = new Map([[image.manifest.digest, { descriptor: image.manifest, bytes: json({}) }]]);
  const sink = sinkFor(folder);
  await t.throwsAsync(sink.write({ ...transfer, documents }), { code: 'digest-mismatch' });
  await nothingLeft(t, folder, sink);
});

test('a wrong guess of a size is learned, and the second try finds the blob done', async (t) => {
  const folder = await temporaryFolder(t);
  const plain = Buffer.alloc(5000, 'layer');
  const packed = gzipSync(plain);
  const image = sampleImage('app');
  const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf(plain), size: 4000 };
  const compressed = { ...image, blobs: new Map([[digestOf(packed), packed]]) };
  const source = await sourceOf(t, image, compressed);
  const passes: BlobPass[] = [];
  const sink = sinkFor(folder, { pool: threadPool({ passes }) });
  const base = transferOf(image, source, [NAME]);
  const guess: TransferBlob = { descriptor, from: { blobs: source, digest: digestOf(packed), size: packed.length }, decompress: 'gzip', size: 'guess' };
  const error = await t.throwsAsync(sink.write({ ...base, blobs: [...base.blobs, guess] }), { instanceOf: SizeMispredicted });
  t.deepEqual(error.learned, new Map([[descriptor.digest, 5000]]));
  await t.throwsAsync(stat(join(folder, 'index.json')), { code: 'ENOENT' });
  passes.length = 0;
  await sink.write({ ...base, blobs: [...base.blobs, { ...guess, descriptor: { ...descriptor, size: 5000 } }] });
  t.is(passes.length, 0);
  t.deepEqual(await readFile(blobPath(folder, descriptor.digest)), plain);
});

test('a staged blob is in place after write, and gone after discard', async (t) => {
  const folder = await temporaryFolder(t);
  const image = sampleImage('app');
  const source = await sourceOf(t, image);
  const [, top] = image.layers;
  if (top === undefined) throw new Error('no layer');
  const dropped = sinkFor(folder);
  t.deepEqual(await dropped.stage(source.openUnverified(top.digest)), { digest: top.digest, size: top.size });
  await dropped.discard();
  t.deepEqual(await filesIn(folder).catch(() => []), []);
  const passes: BlobPass[] = [];
  const kept = sinkFor(folder, { pool: threadPool({ passes }) });
  await kept.stage(source.openUnverified(top.digest));
  await kept.write(transferOf(image, source, [NAME]));
  await kept.discard();
  t.is(passes.length, 2);
  t.is((await filesIn(folder)).length, 4 + 2);
});

test('a source that is in no local file is streamed', async (t) => {
  const folder = await temporaryFolder(t);
  const image = sampleImage('app');
  const source = await sourceOf(t, image);
  const remote = { stat: source.stat.bind(source), openUnverified: source.openUnverified.bind(source), locate: async () => undefined };
  const passes: BlobPass[] = [];
  await sinkFor(folder, { pool: threadPool({ passes }) }).write(transferOf(image, remote, [NAME]));
  t.is(passes.length, 0);
  for (const [digest, bytes] of image.blobs) t.deepEqual(await readFile(blobPath(folder, digest)), Buffer.from(bytes));
});

test('two roots may not want one name', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const [one, two] = [sampleImage('one'), sampleImage('two')];
  const source = await sourceOf(t, one, two);
  const [a, b] = [transferOf(one, source, [NAME]), transferOf(two, source, ['docker.io/library/b:2'])];
  const sink = sinkFor(folder);
  await t.throwsAsync(sink.write({ ...a, roots: [...a.roots, ...b.roots] }), { code: 'usage' });
  await nothingLeft(t, folder, sink);
});

test('an aborted write keeps nothing', async (t) => {
  const folder = join(await temporaryFolder(t), 'layout');
  const image = sampleImage('app');
  const sink = sinkFor(folder);
  await t.throwsAsync(sink.write(transferOf(image, await sourceOf(t, image), [NAME]), { signal: AbortSignal.abort() }), { code: 'interrupted' });
  await nothingLeft(t, folder, sink);
});
