import { readSync } from 'node:fs';
import type { ExecutionContext, TestFn } from 'ava';
import type { Digest } from '../../src/content/digest.js';
import { openBlob } from '../../src/content/verified-read.js';
import { walkClosure } from '../../src/image/closure.js';
import { parseConfig } from '../../src/image/config.js';
import type { ImageSource, ManifestOrigin } from '../../src/image/image-source.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { named, type NamedRoot } from '../helpers/archive-parts.js';
import { image, layer, sha256, type BuiltImage } from '../helpers/image-builder.js';
import { collect, sameBytes } from '../content/bytes.js';
import { plain } from './read-blob.js';

/** One implementation of `ImageSource` under the contract. */
export interface SourceUnderTest {
  readonly format: ImageSource['format'];
  readonly origin: ManifestOrigin;
  /** Opens a source of these images; `bend` changes blobs where they are stored. */
  open(t: ExecutionContext, images: readonly NamedRoot<BuiltImage>[], bend?: (digest: string, bytes: Buffer) => Buffer): Promise<ImageSource>;
}

const ABSENT = sha256('nothing') as Digest;


/** Layers are not compressed: every format can hold them so. One is larger than a chunk. */
function samples(): readonly [BuiltImage, BuiltImage] {
  const base = layer('base');
  const large = layer(Buffer.concat([layer('large').tar.subarray(0, -1024), Buffer.alloc(3 * 1024 * 1024)]));
  return [image('app', { layers: [base, large] }), image('other', { layers: [base, layer('other')] })];
}

/** Every test that an `ImageSource` must pass. */
export function imageSourceContract(test: TestFn, name: string, { format, origin, open }: SourceUnderTest): void {
  const [app, other] = samples();
  const both = [named(app, 'app:1'), named(other, 'quay.io/team/other:2')];

  test(`${name}: roots, in order, with full names and where the manifest comes from`, async (t) => {
    const source = await open(t, [...both, named(image('third', { layers: [layer('third')] }))]);
    t.is(source.format, format);
    t.true(source.location.length > 0);
    t.deepEqual(source.roots.map(({ names }) => names), [['docker.io/library/app:1'], ['quay.io/team/other:2'], []]);
    t.true(source.roots.every(({ manifestOrigin }) => manifestOrigin === origin));
    if (origin === 'stored') t.deepEqual(source.roots.slice(0, 2).map(({ descriptor }) => descriptor.digest), [app, other].map(({ descriptor }) => descriptor.digest as Digest));
    await source.close();
  });

  test(`${name}: every document, config and layer reads back, verified`, async (t) => {
    const source = await open(t, both);
    for (const [i, root] of source.roots.entries()) {
      const wanted = [app, other][i] as BuiltImage;
      const closure = await walkClosure(source.blobs, root.descriptor, DEFAULT_LIMITS, name);
      t.deepEqual([closure.missing, closure.absent], [[], []]);
      const manifest = closure.images[0]?.manifest;
      if (manifest === undefined) return t.fail('no image');
      t.is(manifest.config.digest, wanted.configDescriptor.digest as Digest);
      const config = await collect(openBlob(source.blobs, manifest.config));
      t.deepEqual(parseConfig(config, name, DEFAULT_LIMITS).diffIds, wanted.layers.map(({ diffId }) => diffId as Digest));
      for (const [at, descriptor] of manifest.layers.entries()) {
        t.is(await source.blobs.stat(descriptor.digest), descriptor.size);
        sameBytes(t, await collect(openBlob(source.blobs, descriptor)), wanted.layers[at]?.tar ?? Buffer.alloc(0));
      }
    }
    await source.close();
  });

  test(`${name}: locate and openUnverified give the same bytes`, async (t) => {
    const source = await open(t, both);
    for (const { descriptor } of [...app.layers, ...other.layers, { descriptor: app.configDescriptor }]) {
      const digest = descriptor.digest as Digest;
      const range = await source.blobs.locate(digest);
      if (range === undefined) return t.fail(`${digest} is in a file`);
      const bytes = Buffer.alloc(range.length);
      t.is(readSync(range.fd, bytes, 0, range.length, range.offset), range.length);
      sameBytes(t, await collect(source.blobs.openUnverified(digest)), bytes);
    }
    await source.close();
  });

  test(`${name}: a changed blob fails before its end`, async (t) => {
    const victim = app.layers[1]?.descriptor ?? app.configDescriptor;
    const flip = (bytes: Buffer): Buffer => {
      const copy = Buffer.from(bytes);
      copy[bytes.length - 1] = 1;
      return copy;
    };
    const source = await open(t, both, (digest, bytes) => (digest === victim.digest ? flip(bytes) : bytes));
    let ended = false;
    await t.throwsAsync(async () => {
      await collect(openBlob(source.blobs, plain(victim)));
      ended = true;
    }, { code: 'digest-mismatch' });
    t.false(ended);
    // What is asked for is what is checked: the others are untouched.
    await collect(openBlob(source.blobs, plain(other.configDescriptor)));
    await source.close();
  });

  test(`${name}: a size that is not the descriptor's fails, and no byte more than it is given`, async (t) => {
    const source = await open(t, both);
    const descriptor = plain(app.layers[1]?.descriptor ?? app.configDescriptor);
    await t.throwsAsync(collect(openBlob(source.blobs, { ...descriptor, size: descriptor.size + 1 })), { code: 'size-mismatch' });
    let seen = 0;
    await t.throwsAsync(async () => {
      for await (const chunk of openBlob(source.blobs, { ...descriptor, size: 100 })) seen += chunk.length;
    }, { code: 'size-mismatch' });
    t.true(seen <= 100);
    await source.close();
  });

  test(`${name}: what is not there is said not to be there`, async (t) => {
    const source = await open(t, both);
    t.is(await source.blobs.stat(ABSENT), undefined);
    await t.throwsAsync(collect(source.blobs.openUnverified(ABSENT)), { code: 'blob-missing' });
    await t.throwsAsync(source.blobs.locate(ABSENT), { code: 'blob-missing' });
    await source.close();
  });

  test(`${name}: reads at once do not disturb each other, and chunks belong to the receiver`, async (t) => {
    const source = await open(t, both);
    const descriptor = plain(app.layers[1]?.descriptor ?? app.configDescriptor);
    const spoil = async (): Promise<void> => {
      for await (const chunk of source.blobs.openUnverified(descriptor.digest)) chunk.fill(0xff);
    };
    const read = (): Promise<Buffer> => collect(openBlob(source.blobs, descriptor));
    const [, first, , second] = await Promise.all([spoil(), read(), spoil(), read()]);
    sameBytes(t, first, second);
    t.is(sha256(await read()), descriptor.digest);
    await source.close();
  });

  test(`${name}: a read can be left in the middle and interrupted`, async (t) => {
    const source = await open(t, both);
    const descriptor = plain(app.layers[1]?.descriptor ?? app.configDescriptor);
    for await (const chunk of openBlob(source.blobs, descriptor)) if (chunk.length > 0) break;
    await t.throwsAsync(collect(openBlob(source.blobs, descriptor, AbortSignal.abort())), { code: 'interrupted' });
    await source.close();
  });
}
