import type { TestFn } from 'ava';
import type { BlobSource } from '../../src/content/byte-source.js';
import type { Digest } from '../../src/content/digest.js';
import { openBlob } from '../../src/content/verified-read.js';
import { walkClosure } from '../../src/image/closure.js';
import { SizeMispredicted, type ImageSink, type Transfer, type TransferBlob } from '../../src/image/image-sink.js';
import type { ImageSource } from '../../src/image/image-source.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { named, type NamedRoot } from '../helpers/archive-parts.js';
import { image, layer, sha256, type BuiltImage } from '../helpers/image-builder.js';
import { collect } from '../content/bytes.js';
import { plain } from './read-blob.js';

/** A target of one test: a sink for it, what it holds, and what lies around it. */
export interface SinkTarget {
  sink(): Promise<ImageSink>;
  read(): Promise<ImageSource>;
  /** Everything the target's folder holds, by path: final names and temporary ones. */
  files(): Promise<ReadonlyMap<string, Buffer>>;
}

/** One implementation of `ImageSink` under the contract. */
export interface SinkUnderTest {
  readonly format: ImageSink['format'];
  readonly layers: ImageSink['layers'];
  readonly canRetry: boolean;
  /** Digests of manifests are kept; false for a docker archive. */
  readonly keepsManifests: boolean;
  target(): Promise<SinkTarget>;
  /** Blobs as a source has them: in files, or not. */
  blobs(of: ReadonlyMap<string, Uint8Array>): Promise<BlobSource>;
}

const app = image('app', { layers: [layer('base'), layer('app')] });
const other = image('other', { layers: [layer('base'), layer('other')] });

/** A transfer of `images` as a plan would make it. */
export function transfer(images: readonly NamedRoot<BuiltImage>[], blobs: BlobSource): Transfer {
  const roots = images.map(({ document, name }) => ({ descriptor: plain(document.descriptor), names: name === undefined ? [] : [`docker.io/library/${name}`], manifestOrigin: 'stored' as const }));
  const leaves = new Map(images.flatMap(({ document }) => [document.configDescriptor, ...document.layers.map(({ descriptor }) => descriptor)]).map((descriptor) => [descriptor.digest, plain(descriptor)]));
  return {
    roots,
    images: images.map(({ document }, i) => ({
      root: roots[i] as Transfer['roots'][number], manifest: plain(document.descriptor), config: plain(document.configDescriptor),
      layers: document.layers.map(({ descriptor }) => plain(descriptor)),
    })),
    documents: new Map(images.map(({ document }) => [document.descriptor.digest as Digest, { descriptor: plain(document.descriptor), bytes: document.manifest }])),
    blobs: [...leaves.values()].map((descriptor): TransferBlob => ({ descriptor, from: { blobs, digest: descriptor.digest, size: descriptor.size }, size: 'exact' })),
  };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => { resolve = settle; });
  return { promise, resolve };
}

/** Every test that an `ImageSink` must pass. */
export function imageSinkContract(test: TestFn, name: string, { format, layers, canRetry, keepsManifests, target, blobs }: SinkUnderTest): void {
  const all = new Map([...app.blobs, ...other.blobs]);
  const both = [named(app, 'app:1'), named(other, 'other:2')];

  const writeInto = async (to: SinkTarget, planned: Transfer): ReturnType<ImageSink['write']> => {
    const sink = await to.sink();
    try {
      return await sink.write(planned);
    } finally {
      await sink.discard();
    }
  };

  test(`${name}: says what it is`, async (t) => {
    const sink = await (await target()).sink();
    t.deepEqual([sink.format, sink.layers, sink.canRetry], [format, layers, canRetry]);
    await sink.discard();
  });

  test(`${name}: what was written reads back with equal digests and names`, async (t) => {
    const to = await target();
    const written = await writeInto(to, transfer(both, await blobs(all)));
    t.true(written.bytes > 0);
    const source = await to.read();
    for (const [i, document] of [app, other].entries()) {
      const root = source.roots[i];
      if (root === undefined) return t.fail('a root is missing');
      t.deepEqual(root.names, both[i]?.name === undefined ? [] : [`docker.io/library/${both[i].name}`]);
      if (keepsManifests) t.is(root.descriptor.digest, document.descriptor.digest as Digest);
      const closure = await walkClosure(source.blobs, root.descriptor, DEFAULT_LIMITS, name);
      t.deepEqual(closure.images.map(({ manifest }) => [manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)] as string[]), [[document.configDescriptor.digest, ...document.layers.map(({ descriptor }) => descriptor.digest)]]);
      for (const descriptor of closure.blobs.values()) t.deepEqual(await collect(openBlob(source.blobs, descriptor)), all.get(descriptor.digest));
    }
    await source.close();
  });

  test(`${name}: the same transfer gives the same bytes, and nothing else`, async (t) => {
    const [first, second] = await Promise.all([target(), target()]);
    await writeInto(first, transfer(both, await blobs(all)));
    await writeInto(second, transfer(both, await blobs(all)));
    const files = await first.files();
    t.deepEqual([...files], [...await second.files()]);
    t.deepEqual([...files.keys()].filter((path) => /\.part$|ingest|leases/.test(path)), []);
  });

  test(`${name}: a blob that images share is written once`, async (t) => {
    const [one, two, apart] = await Promise.all([target(), target(), target()]);
    const source = await blobs(all);
    const { bytes } = await writeInto(two, transfer(both, source));
    const first = await writeInto(one, transfer(both.slice(0, 1), source));
    const second = await writeInto(apart, transfer(both.slice(1), source));
    t.true(bytes <= first.bytes + second.bytes - (app.layers[0]?.stored.length ?? 0));
  });

  test(`${name}: discard leaves nothing, whenever it is called`, async (t) => {
    const to = await target();
    const unused = await to.sink();
    await unused.discard();
    const staged = await to.sink();
    await staged.stage(memory(Buffer.from('staged')));
    await staged.discard();
    await staged.discard();
    t.deepEqual([...(await to.files()).keys()], []);
    const used = await to.sink();
    await used.write(transfer(both, await blobs(all)));
    const before = await to.files();
    await used.discard();
    t.deepEqual(await to.files(), before);
  });

  const broken: readonly [string, (bytes: Buffer) => Buffer, string][] = [
    ['changed', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([1])]), 'digest-mismatch'],
    ['too short', (bytes) => bytes.subarray(0, -1), 'size-mismatch'],
    ['too long', (bytes) => Buffer.concat([bytes, Buffer.from([0])]), 'size-mismatch'],
  ];
  for (const [what, bend, code] of broken) {
    test(`${name}: a blob that is ${what} stops it, and nothing is left`, async (t) => {
      const victim = other.layers[1]?.descriptor.digest ?? '';
      const to = await target();
      const bent = new Map(all).set(victim, bend(all.get(victim) as Buffer));
      await t.throwsAsync(writeInto(to, transfer(both, await blobs(bent))), { code });
      t.deepEqual([...(await to.files()).keys()], []);
    });
  }

  test(`${name}: an interrupt stops it, and nothing is left`, async (t) => {
    const to = await target();
    const sink = await to.sink();
    await t.throwsAsync(async () => {
      try {
        await sink.write(transfer(both, await blobs(all)), { signal: AbortSignal.abort() });
      } finally {
        await sink.discard();
      }
    }, { code: 'interrupted' });
    t.deepEqual([...(await to.files()).keys()], []);
  });

  test(`${name}: a blob made on the way is staged, then found in its place`, async (t) => {
    const to = await target();
    const sink = await to.sink();
    const last = app.layers[1];
    if (last === undefined) return t.fail('no layer');
    for (const times of [1, 2]) t.deepEqual(await sink.stage(memory(last.stored)), { digest: last.descriptor.digest as Digest, size: last.stored.length }, `${times}`);
    // The source does not have it: only the sink does.
    const without = new Map([...all].filter(([digest]) => digest !== last.descriptor.digest));
    await sink.write(transfer([named(app, 'app:1')], await blobs(without)));
    await sink.discard();
    const source = await to.read();
    t.deepEqual(await collect(openBlob(source.blobs, plain(last.descriptor))), last.stored);
    await source.close();
  });

  test(`${name}: blobs of known size are filled at once, then found in their place; the order of their ends changes nothing`, async (t) => {
    const made: ReadonlyMap<string, Buffer>[] = [];
    const without = new Map([...all].filter(([digest]) => !app.layers.some(({ descriptor }) => descriptor.digest === digest)));
    for (const firstEnds of [true, false]) {
      const to = await target();
      const sink = await to.sink();
      const { promise: ended, resolve: end } = deferred();
      await Promise.all(app.layers.map(({ stored, descriptor }, i) => sink.stageFile(stored.length, async ({ handle, offset }) => {
        const ends = (i === 0) === firstEnds;
        if (!ends) await ended;
        await handle.write(stored, 0, stored.length, offset);
        if (ends) end();
        return descriptor.digest as Digest;
      })));
      await sink.write(transfer([named(app, 'app:1')], await blobs(without)));
      await sink.discard();
      const source = await to.read();
      for (const { stored, descriptor } of app.layers) t.deepEqual(await collect(openBlob(source.blobs, plain(descriptor))), stored);
      await source.close();
      made.push(await to.files());
    }
    t.deepEqual(made[0], made[1]);
  });

  test(`${name}: what fails while it is filled, or is not proven in the end, leaves nothing`, async (t) => {
    const to = await target();
    const sink = await to.sink();
    await t.throwsAsync(sink.stageFile(3, () => Promise.reject(new Error('not filled'))), { message: 'not filled' });
    await sink.discard();
    t.deepEqual([...(await to.files()).keys()], []);
    const unproven = await to.sink();
    await t.throwsAsync(unproven.write(transfer(both, await blobs(all)), { proven: () => Promise.reject(new Error('not proven')) }), { message: 'not proven' });
    await unproven.discard();
    t.deepEqual([...(await to.files()).keys()], []);
  });

  if (!canRetry) return;
  test(`${name}: a size that was guessed wrong is learned, and the next try is right`, async (t) => {
    const packed = layer('packed', { gzip: true });
    const withPacked = image('packed', { layers: [layer('packed')] });
    const source = await blobs(new Map([...withPacked.blobs, [packed.descriptor.digest, packed.stored]]));
    const planned = (size: number, certainty: TransferBlob['size']): Transfer => {
      const base = transfer([named(withPacked, 'packed:1')], source);
      return { ...base, blobs: base.blobs.map((blob) => (blob.descriptor.digest !== packed.diffId ? blob : {
        descriptor: { ...blob.descriptor, size }, from: { blobs: source, digest: packed.descriptor.digest as Digest, size: packed.stored.length }, decompress: 'gzip', size: certainty,
      })) };
    };
    const to = await target();
    const sink = await to.sink();
    const error = await t.throwsAsync(sink.write(planned(512, 'guess')), { instanceOf: SizeMispredicted });
    t.deepEqual([...(error?.learned ?? [])], [[packed.diffId as Digest, packed.tar.length]]);
    await sink.write(planned(packed.tar.length, 'exact'));
    await sink.discard();
    const read = await to.read();
    t.is(sha256(await collect(read.blobs.openUnverified(packed.diffId as Digest))), packed.diffId);
    await read.close();
  });
}

async function* memory(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.slice(at, at + 700);
}
