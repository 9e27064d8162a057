import { open, readFile } from 'node:fs/promises';
import test from 'ava';
import type { BlobSource, FileRange } from '../../src/content/byte-source.js';
import { openBlob } from '../../src/content/verified-read.js';
import { createBlobPool } from '../../src/content/worker-pool.js';
import { ImgkitError } from '../../src/errors.js';
import { expectMoves, moveBlob } from '../../src/image/move-blob.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { collect, inPieces, lentPieces, rejectsWith, sameBytes, sampleBytes, sha256 } from '../content/bytes.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

// Large enough that what comes from a connection is hashed and written in a thread.
const bytes = sampleBytes(9 * 1024 * 1024 + 3);
const descriptor = { mediaType: 'application/octet-stream', digest: sha256(bytes), size: bytes.length };
const pool = createBlobPool({ script: new URL('unused:') });

function remote(content: Uint8Array): BlobSource {
  return { stat: async () => content.length, locate: async () => undefined, openUnverified: () => inPieces(content, 100_000) };
}

async function move(name: string, blobs: BlobSource, signal?: AbortSignal): Promise<Buffer> {
  const handle = await open(scratch.path(name), 'w');
  try {
    await handle.write('head');
    const size = await moveBlob({ descriptor, from: { blobs, digest: descriptor.digest, size: descriptor.size }, size: 'exact' }, handle, 4, { pool, limits: DEFAULT_LIMITS, name, signal });
    return (await readFile(scratch.path(name))).subarray(0, 4 + size);
  } finally {
    await handle.close();
  }
}

test('a large blob from afar is written where it belongs', async (t) => {
  sameBytes(t, await move('good', remote(bytes)), Buffer.concat([Buffer.from('head'), bytes]));
  const pieces: BlobSource = { ...remote(Buffer.alloc(0)), lendUnverified: () => inPieces(bytes, 70_001) };
  sameBytes(t, await move('pieces', pieces), Buffer.concat([Buffer.from('head'), bytes]));
  const lending: BlobSource = { ...remote(Buffer.alloc(0)), lendUnverified: () => lentPieces(bytes, 70_001) };
  sameBytes(t, await move('lent', lending), Buffer.concat([Buffer.from('head'), bytes]));
});

test('changed, too short, too long: the same sentence as from a verified read', async (t) => {
  const flipped = Buffer.from(bytes);
  flipped[bytes.length - 1] = (flipped[bytes.length - 1] as number) ^ 1;
  for (const [name, bad] of [['flipped', flipped], ['short', bytes.subarray(1)], ['long', Buffer.concat([bytes, Buffer.from('x')])]] as const) {
    const expected = await t.throwsAsync(collect(openBlob(remote(bad), descriptor)), { instanceOf: ImgkitError });
    const found = await t.throwsAsync(move(name, remote(bad)), { instanceOf: ImgkitError });
    t.deepEqual([found?.code, found?.message], [expected?.code, expected?.message]);
  }
  await rejectsWith(t, 'interrupted', move('stopped', remote(bytes), AbortSignal.abort()));
});

test('a pool is told of the largest blobs, and no others are opened for that', async (t) => {
  const located: number[] = [];
  const told: (readonly number[])[] = [];
  const blobs = Array.from({ length: 1000 }, (_, i) => {
    const locate = async (): Promise<FileRange> => {
      located.push(i);
      return { fd: 0, offset: 0, length: i };
    };
    return { descriptor, from: { blobs: { ...remote(bytes), locate }, digest: descriptor.digest, size: i }, size: 'exact' as const };
  });
  await expectMoves(blobs, { run: pool.run, seal: pool.seal, close: pool.close, expect: (sizes) => void told.push(sizes) });
  t.deepEqual(told, [[999, 998, 997, 996]]);
  t.deepEqual(located, [999, 998, 997, 996]);
});
