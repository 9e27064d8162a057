import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { append, files as filesOf, importImage, inspect, verify, type ProgressEvent } from '../../src/index.js';
import { sameBytes, sampleBytes } from '../content/bytes.js';
import { hybridParts, named } from '../helpers/archive-parts.js';
import { image, pack } from '../helpers/image-builder.js';
import { makeScratch, storeLeftovers } from '../helpers/scratch.js';
import { tarOf, type TarPart } from '../helpers/tar-entries.js';

const scratch = makeScratch();
const storeFolder = scratch.path('store');
const common = { storeFolder, message: 'rootfs' };
const at = (name: string): string => scratch.path(name);

const large = sampleBytes(3_000_000).toString('latin1');
const folder = { path: 'bin/', type: 'directory' } as const;
const small = [folder, { path: 'bin/sh', body: 'x' }, { path: 'etc', body: 'y' }] as const;
const files = [...small, { path: 'large', body: large }] as const;

test.before(async () => {
  await scratch.write('sorted.tar', tarOf(...files));
  await scratch.write('sorted.tgz', gzipSync(tarOf(...files)));
  await scratch.write('turned.tar', tarOf(...files.toReversed()));
  await scratch.write('small.tar', tarOf(...small));
  // More than a tar without it has, before anybody can know that it is to go.
  await scratch.write('replaced.tar', tarOf(folder, { path: 'bin/sh', body: 'x' }, { path: 'etc', body: large }, { path: 'etc', body: 'y' }));
});
test.after.always(() => scratch.remove());

for (const [compress, format] of [['none', 'hybrid'], ['gzip', 'oci'], ['zstd', 'oci'], [undefined, 'docker']] as const) {
  test.serial(`the order of the tar does not count, nor what was written before it was known: ${format}, ${compress ?? 'default'}`, async (t) => {
    const imported = async (name: string, to: string): Promise<Buffer> => {
      await importImage({ ...common, rootfs: at(name), to: `${at(`${to}.tar`)}#image:1`, compress, format });
      return readFile(at(`${to}.tar`));
    };
    const sorted = await imported('sorted.tar', 'a');
    t.true((await verify({ ...common, target: at('a.tar') })).ok);
    sameBytes(t, await imported('turned.tar', 'b'), sorted);
    sameBytes(t, await imported('sorted.tgz', 'c'), sorted);
    sameBytes(t, await imported('replaced.tar', 'd'), await imported('small.tar', 'e'));
    const stored = async (name: string, to: string): Promise<string> => (await importImage({ ...common, rootfs: at(name), to, compress })).digest;
    t.is(await stored('turned.tar', `turned:${compress ?? 'any'}`), await stored('sorted.tar', `sorted:${compress ?? 'any'}`));
    t.is(await stored('replaced.tar', `replaced:${compress ?? 'any'}`), await stored('small.tar', `small:${compress ?? 'any'}`));
    t.deepEqual(await storeLeftovers(storeFolder), []);
    t.deepEqual(await scratch.tree('tmp'), []);
  });
}

test.serial('a compressed tar in order needs no room for what it unpacks to', async (t) => {
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = at('absent');
  try {
    await importImage({ ...common, rootfs: at('sorted.tgz'), to: 'roomless:1' });
    await importImage({ ...common, rootfs: at('sorted.tar'), to: 'roomless:2' });
  } finally {
    process.env['TMPDIR'] = TMPDIR;
  }
  t.pass();
});

test.serial('owners, times and what is left out are those that were asked for, and oddities are told', async (t) => {
  const listed = async (name: string, to: string, options: object): Promise<unknown> => {
    const { notes } = await importImage({ ...common, rootfs: at(name), to, ...options });
    const { entries } = await filesOf({ ...common, location: to });
    return [notes.map(({ message }) => message), [...entries].map(({ path, uid, mtime }) => [path, uid, Date.parse(mtime) / 1000])];
  };
  const odd = tarOf({ path: 'a', mtime: { seconds: 1000, nanoseconds: 5 } }, { path: 'b', uid: 7, mtime: { seconds: 10, nanoseconds: 0 } }).subarray(0, -1024);
  await scratch.write('odd.tar', odd);
  const note = 'At offset 2048 there is no end-of-archive marker.';
  t.deepEqual(await listed('odd.tar', 'odd:1', { owner: '5:6' }), [[note], [['/a', 5, 1000], ['/b', 5, 10]]]);
  t.deepEqual(await listed('odd.tar', 'odd:2', { exclude: ['a'] }), [[note], [['/b', 7, 10]]]);
  process.env['SOURCE_DATE_EPOCH'] = '100';
  try {
    t.deepEqual(await listed('odd.tar', 'odd:3', {}), [[note], [['/a', 0, 100], ['/b', 7, 10]]]);
  } finally {
    delete process.env['SOURCE_DATE_EPOCH'];
  }
});

test.serial('one that is in order, one that is not, and one that is compressed tell how far they are, up to all', async (t) => {
  for (const [name, size] of [['sorted.tar', undefined], ['turned.tar', undefined], ['sorted.tgz', (await readFile(at('sorted.tgz'))).length]] as const) {
    const events: ProgressEvent[] = [];
    await importImage({ ...common, rootfs: at(name), to: 'told:1', force: true, onProgress: (event) => events.push(event) });
    const last = events.findLast(({ phase, item }) => phase === 'write' && item.endsWith(name));
    t.is(last?.done, last?.total, name);
    if (size !== undefined) t.is(last?.total, size);
    // Somebody adds them up.
    t.is(new Set(events.filter(({ phase }) => phase === 'write').map(({ item }) => item)).size, 1);
  }
});

test.serial('what goes to standard output is told once, too', async (t) => {
  const phases = new Set<string>();
  await importImage({ ...common, rootfs: at('sorted.tar'), to: '-', stdout: new PassThrough().resume(), onProgress: ({ phase }) => phases.add(phase) });
  t.true(phases.has('write'));
  t.false(phases.has('spool'));
});

test.serial('an image is as old as its newest file, wherever that lies', async (t) => {
  const dated = (path: string, seconds: number): TarPart => ({ path, mtime: { seconds, nanoseconds: 0 } });
  const whole = [{ ...dated('a', 50), type: 'directory' }, dated('a/b', 100), { ...dated('a/c', 60), type: 'directory' }, dated('a/c/d', 2000), dated('a/c/e', 300), dated('z', 1000)] as const;
  await scratch.write('ages.tar', tarOf(...whole));
  await scratch.write('sega.tar', tarOf(...whole.toReversed()));
  for (const name of ['ages', 'sega']) {
    await importImage({ ...common, rootfs: at(`${name}.tar`), to: `${name}:1` });
    t.is((await inspect({ ...common, location: `${name}:1` })).created, '1970-01-01T00:33:20Z');
  }
});

test.serial('who stops it while the layer goes into an archive waits for no more of it', async (t) => {
  const stop = new AbortController();
  let last: ProgressEvent | undefined;
  const onProgress = (event: ProgressEvent): void => {
    if (event.phase !== 'write') return;
    last = event;
    stop.abort();
  };
  await t.throwsAsync(importImage({ ...common, rootfs: at('sorted.tar'), to: at('stopped.tar'), compress: 'none', signal: stop.signal, onProgress }), { code: 'interrupted' });
  t.true((last?.done ?? 0) < (last?.total ?? 0), JSON.stringify(last));
  t.deepEqual((await scratch.tree()).filter((path) => path.startsWith('stopped')), []);
});

test.serial('a name that another image has is refused before a tar in order is taken in', async (t) => {
  await importImage({ ...common, rootfs: at('small.tar'), to: 'taken:1', created: '1' });
  await scratch.write('dated.tar', tarOf({ path: 'a', mtime: { seconds: 9, nanoseconds: 0 }, body: large }));
  const events: ProgressEvent[] = [];
  await t.throwsAsync(importImage({ ...common, rootfs: at('dated.tar'), to: 'taken:1', onProgress: (event) => events.push(event) }), { code: 'tag-would-move' });
  t.false(events.some(({ phase }) => phase === 'write'));
});

test.serial('a tar that is cut, or wrong further on, leaves nothing', async (t) => {
  const whole = tarOf(...files);
  const wrong = Buffer.concat([tarOf(...files).subarray(0, -1024), tarOf({ path: 'z' }).fill(7, 10, 20)]);
  for (const [code, bytes] of [['tar-truncated', whole.subarray(0, 1_000_000)], ['tar-malformed', wrong]] as const) {
    await scratch.write('bad.tar', bytes);
    await t.throwsAsync(importImage({ ...common, rootfs: at('bad.tar'), to: 'bad:1' }), { code });
    await t.throwsAsync(importImage({ ...common, rootfs: at('bad.tar'), to: `oci:${at('bad')}:1` }), { code });
    await t.throwsAsync(importImage({ ...common, rootfs: at('bad.tar'), to: at('bad-archive.tar') }), { code });
  }
  t.deepEqual((await scratch.tree()).filter((path) => path.startsWith('bad') && path !== 'bad.tar'), []);
  t.deepEqual(await storeLeftovers(storeFolder), []);
});

test.serial('a layer that an archive has already leaves nothing in it for the next', async (t) => {
  await scratch.write('base.tar', pack(hybridParts([named(image('base'), 'base:1')])));
  await scratch.write('small.tgz', gzipSync(tarOf(...small)));
  const { layers } = await append({ ...common, location: at('base.tar'), layers: ['sorted.tgz', 'sorted.tgz', 'small.tgz'].map(at), to: `${at('twice.tar')}#twice:1` });
  const [, , { digest, size }] = layers as [unknown, unknown, (typeof layers)[number]];
  const archive = await readFile(at('twice.tar'));
  const end = archive.indexOf(digest.slice('sha256:'.length)) - 'blobs/sha256/'.length + 512 + size;
  t.true(size % 512 > 0 && archive.subarray(end, Math.ceil(end / 512) * 512).every((byte) => byte === 0));
});
