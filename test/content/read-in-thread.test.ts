import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { Compression } from '../../src/content/compression.js';
import { readInThread, type ReadInThreadOptions } from '../../src/content/read-in-thread.js';
import { zstdCompress } from '../../src/content/zstd-compress.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes, sha256 } from './bytes.js';
import { tempFile } from './temp.js';

const PLAIN = sampleBytes(5_000_001);
const GZIP = gzipSync(PLAIN);

async function options(t: ExecutionContext, stored: Uint8Array, compression: Compression, more: Partial<ReadInThreadOptions> = {}): Promise<ReadInThreadOptions> {
  const { fd } = await tempFile(t, stored);
  return { name: 'blob', input: { fd, offset: 0, length: stored.length }, compression, hashStored: 'sha256', hashPlain: true, limits: DEFAULT_LIMITS, onChunk: () => undefined, ...more };
}

const forms: readonly [Compression, () => Promise<Uint8Array>][] = [
  ['none', () => Promise.resolve(PLAIN)],
  ['gzip', () => Promise.resolve(GZIP)],
  ['zstd', () => collect(zstdCompress(inPieces(PLAIN)))],
];

for (const [compression, form] of forms) {
  test(`${compression}: the bytes in order, both digests, progress to the end`, async (t) => {
    const stored = await form();
    const seen: Uint8Array[] = [];
    let done = 0;
    const found = await readInThread(await options(t, stored, compression, { onChunk: (chunk) => seen.push(chunk.slice()), onBytes: (bytes) => { done = bytes; } }));
    t.deepEqual({ digest: found.digest, plainDigest: found.plainDigest }, { digest: sha256(stored), plainDigest: sha256(PLAIN) });
    sameBytes(t, Buffer.concat(seen), PLAIN);
    t.is(done, stored.length);
  });
}

test('the stored bytes, too, to who asks for them: in order, though it is slow, and what it throws ends the read', async (t) => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const [compression, form] of forms) {
    const stored = await form();
    const kept: Uint8Array[] = [];
    const seen: Uint8Array[] = [];
    const found = await readInThread(await options(t, stored, compression, {
      hashStored: undefined,
      onStored: (chunk) => {
        Atomics.wait(pause, 0, 0, 5);
        kept.push(chunk.slice());
      },
      onChunk: (chunk) => seen.push(chunk.slice()),
    }));
    t.is(found.digest, undefined);
    sameBytes(t, Buffer.concat(seen), PLAIN);
    // Of one that is not compressed they are the same.
    sameBytes(t, Buffer.concat(kept), compression === 'none' ? new Uint8Array() : stored);
  }
  const thrown = new Error('enough');
  await t.throwsAsync(readInThread(await options(t, GZIP, 'gzip', { onStored: () => { throw thrown; } })), { is: thrown });
});

test.serial('a thread that is used again is not ended when its wait for more would have been over', async (t) => {
  await readInThread(await options(t, GZIP, 'gzip'));
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const slow = await options(t, GZIP, 'gzip', { onChunk: () => void Atomics.wait(pause, 0, 0, 80) });
  t.is((await readInThread(slow)).plainDigest, sha256(PLAIN));
});

test('part of a file, without the second digest; nothing at all', async (t) => {
  const part = await options(t, Buffer.concat([Buffer.alloc(100, 1), GZIP, Buffer.alloc(9, 2)]), 'gzip', { hashPlain: false });
  const found = await readInThread({ ...part, input: { ...part.input, offset: 100, length: GZIP.length } });
  t.deepEqual([found.digest, found.plainDigest], [sha256(GZIP), undefined]);
  t.is((await readInThread(await options(t, new Uint8Array(), 'none'))).digest, sha256(new Uint8Array()));
});

test('damage, a cut, a file that ends early: the error of the decoder, with its code', async (t) => {
  const damaged = Buffer.from(GZIP);
  damaged.writeUInt32BE(0xffffffff, GZIP.length >> 1);
  await rejectsWith(t, 'compression-malformed', readInThread(await options(t, damaged, 'gzip')));
  await rejectsWith(t, 'compression-malformed', readInThread(await options(t, GZIP.subarray(0, -1), 'gzip')));
  const short = await options(t, GZIP, 'gzip');
  await rejectsWith(t, 'tar-truncated', readInThread({ ...short, input: { ...short.input, length: GZIP.length + 1 } }));
});

test('what the receiver throws ends it; so does an abort, before and in the middle', async (t) => {
  const thrown = new Error('enough');
  await t.throwsAsync(readInThread(await options(t, GZIP, 'gzip', { onChunk: () => { throw thrown; } })), { is: thrown });
  const controller = new AbortController();
  const { signal } = controller;
  await rejectsWith(t, 'interrupted', readInThread(await options(t, GZIP, 'gzip', { signal, onChunk: () => controller.abort() })));
  await rejectsWith(t, 'interrupted', readInThread(await options(t, GZIP, 'gzip', { signal })));
});

test('one after the other, what the first left does not show in the next, whether it ended well or not', async (t) => {
  const read = async (stored: Uint8Array, compression: Compression): Promise<Buffer> => {
    const seen: Uint8Array[] = [];
    await readInThread(await options(t, stored, compression, { onChunk: (chunk) => seen.push(chunk.slice()) }));
    return Buffer.concat(seen);
  };
  sameBytes(t, await read(GZIP, 'gzip'), PLAIN);
  sameBytes(t, await read(PLAIN.subarray(0, 700_001), 'none'), PLAIN.subarray(0, 700_001));
  await t.throwsAsync(readInThread(await options(t, GZIP, 'gzip', { onChunk: () => { throw new Error('enough'); } })), { message: 'enough' });
  sameBytes(t, await read(GZIP, 'gzip'), PLAIN);
  await rejectsWith(t, 'compression-malformed', read(GZIP.subarray(0, -1), 'gzip'));
  t.is((await read(new Uint8Array(), 'none')).length, 0);
  const both = await Promise.all([read(GZIP, 'gzip'), read(GZIP, 'gzip')]);
  for (const each of both) sameBytes(t, each, PLAIN);
});

test('what a listener throws ends the read, not the process', async (t) => {
  const onBytes = (): void => {
    throw new Error('the listener fails');
  };
  await t.throwsAsync(readInThread(await options(t, GZIP, 'gzip', { onBytes })), { message: 'the listener fails' });
  t.is((await readInThread(await options(t, GZIP, 'gzip'))).plainDigest, sha256(PLAIN));
});
