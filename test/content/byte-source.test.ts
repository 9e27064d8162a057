import { execFileSync } from 'node:child_process';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { ByteSource } from '../../src/content/byte-source.js';
import { openFileSource } from '../../src/content/file-source.js';
import { keptHead } from '../../src/content/kept-head.js';
import { spool } from '../../src/content/spool.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';
import { tempFolder } from './temp.js';

const BYTES = sampleBytes(2_500_000);

async function laid(t: ExecutionContext): Promise<string> {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, BYTES);
  return path;
}

/** What every byte source has to do. */
const kinds: Record<string, (t: ExecutionContext) => Promise<ByteSource>> = {
  file: async (t) => openFileSource(await laid(t), 'x'),
  spool: () => spool('x', inPieces(BYTES, 77_777)),
  'kept head': async (t) => keptHead(await openFileSource(await laid(t), 'x')),
};

for (const [kind, open] of Object.entries(kinds)) {
  test(`${kind}: reads, streams and locates ranges`, async (t) => {
    const source = await open(t);
    t.teardown(() => source.close());
    t.is(source.name, 'x');
    t.is(source.size, BYTES.length);
    sameBytes(t, await source.read(1000, 1_500_000), BYTES.subarray(1000, 1_501_000));
    sameBytes(t, await source.read(BYTES.length, 0), Buffer.alloc(0));
    sameBytes(t, await collect(source.stream()), BYTES);
    sameBytes(t, await collect(source.stream({ offset: 5, length: 2_000_000 })), BYTES.subarray(5, 2_000_005));
    sameBytes(t, await collect(source.stream({ offset: 5, length: 0 })), Buffer.alloc(0));
    for await (const chunk of source.stream()) {
      t.true(chunk.length <= 1 << 20);
      chunk.fill(0);
    }
    sameBytes(t, await source.read(0, 100), BYTES.subarray(0, 100), 'a chunk was shared');
    const range = source.locate({ offset: 7, length: 9 });
    t.is(range?.offset, kind === 'memory' ? undefined : 7);
  });

  test(`${kind}: ends early, bad ranges, aborts, receivers that leave`, async (t) => {
    const source = await open(t);
    t.teardown(() => source.close());
    await rejectsWith(t, 'tar-truncated', source.read(BYTES.length - 1, 2));
    await rejectsWith(t, 'tar-truncated', collect(source.stream({ offset: 0, length: BYTES.length + 1 })));
    await t.throwsAsync(source.read(-1, 1), { instanceOf: RangeError });
    await rejectsWith(t, 'interrupted', collect(source.stream(undefined, AbortSignal.abort())));
    for await (const _ of source.stream()) break;
  });
}

test('file: what is not a file is refused without waiting', async (t) => {
  const folder = await tempFolder(t);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await mkdir(join(folder, 'sub'));
  await rejectsWith(t, 'location-unsupported', openFileSource(join(folder, 'pipe')));
  await rejectsWith(t, 'location-unsupported', openFileSource(join(folder, 'sub')));
  await rejectsWith(t, 'location-unsupported', openFileSource('/dev/null'));
  await rejectsWith(t, 'file-not-found', openFileSource(join(folder, 'absent')));
});

test('file: one that shrinks while it is read', async (t) => {
  const path = join(await tempFolder(t), 'file');
  await writeFile(path, BYTES);
  const source = await openFileSource(path);
  t.teardown(() => source.close());
  await writeFile(path, BYTES.subarray(0, 1000));
  await rejectsWith(t, 'tar-truncated', source.read(0, 2000));
});

test.serial('file: a chunk that cannot be read is told of when its turn comes, however long the receiver takes', async (t) => {
  const path = await laid(t);
  const source = await openFileSource(path, 'x');
  t.teardown(() => source.close());
  const chunks = source.stream({ offset: 0, length: BYTES.length })[Symbol.asyncIterator]();
  await truncate(path, 1_048_576);
  // Node ends the process for an error that nobody waits for.
  const unheard: unknown[] = [];
  const hear = (error: unknown): number => unheard.push(error);
  process.on('unhandledRejection', hear);
  t.teardown(() => process.removeListener('unhandledRejection', hear));
  t.is((await chunks.next()).value?.length, 1_048_576);
  await delay(100);
  await rejectsWith(t, 'tar-truncated', chunks.next());
  t.deepEqual(unheard, []);
});

test.serial('spool: no name is left, not even while it is open; TMPDIR is named when it cannot be used', async (t) => {
  const before = process.env['TMPDIR'];
  const folder = await tempFolder(t);
  process.env['TMPDIR'] = folder;
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const seen: number[] = [];
  const source = await spool('x', inPieces(BYTES, 1_000_000), { onProgress: ({ done }) => seen.push(done) });
  t.deepEqual(await readdir(folder), []);
  t.is(seen.at(-1), BYTES.length);
  await source.close();
  await rejectsWith(t, 'interrupted', spool('x', inPieces(BYTES, 1000), { signal: AbortSignal.abort() }));
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield BYTES;
    throw new Error('the line was cut');
  }
  await t.throwsAsync(spool('x', failing()), { message: 'the line was cut' });
  t.deepEqual(await readdir(folder), []);
  process.env['TMPDIR'] = join(folder, 'absent');
  await rejectsWith(t, 'file-not-found', spool('x', inPieces(BYTES)));
});
