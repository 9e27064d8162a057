import { open } from 'node:fs/promises';
import test from 'ava';
import { lentBytes } from '../../src/content/lent-chunk.js';
import { localChunks, localChunksHere } from '../../src/content/local-chunks.js';
import { makeScratch } from '../helpers/scratch.js';
import { collect, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const bytes = sampleBytes(3 * 512 * 1024 + 11);

for (const [offset, length] of [[0, bytes.length], [7, 512 * 1024], [512 * 1024, 1024 * 1024 + 1], [3, 0]] as const) {
  for (const read of [localChunks, localChunksHere]) test(`${length} bytes from ${offset}: ${read.name}`, async (t) => {
    const file = await open(await scratch.write(`${offset}-${length}-${read.name}`, bytes), 'r');
    sameBytes(t, await collect(read({ fd: file.fd, offset, length }, 'in')), bytes.subarray(offset, offset + length));
    await file.close();
  });
}

test('the memory of a chunk is used again, and given back in the end', async (t) => {
  const file = await open(await scratch.write('again', bytes), 'r');
  const seen: Uint8Array[] = [];
  for await (const chunk of localChunks({ fd: file.fd, offset: 0, length: bytes.length }, 'in')) seen.push(new Uint8Array(lentBytes(chunk).buffer));
  t.is(seen.length, 4);
  t.is(seen[0]?.buffer, seen[2]?.buffer);
  t.deepEqual(seen.map(({ length }) => length), [0, 0, 0, 0]);
  await file.close();
});

test('read in this thread: one block of memory, and others have their turn', async (t) => {
  const file = await open(await scratch.write('here', bytes), 'r');
  const seen: Uint8Array[] = [];
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  for await (const chunk of localChunksHere({ fd: file.fd, offset: 0, length: bytes.length }, 'in')) {
    seen.push(new Uint8Array(lentBytes(chunk).buffer));
    for (const end = performance.now() + 5; performance.now() < end;);
  }
  clearInterval(timer);
  t.is(seen.length, 2);
  t.is(seen[0]?.buffer, seen[1]?.buffer);
  t.is(seen[0]?.length, 0);
  t.true(turns > 0);
  await file.close();
});

for (const read of [localChunks, localChunksHere]) test(`a file that ends early, and one that cannot be read: ${read.name}`, async (t) => {
  const file = await open(await scratch.write(`short-${read.name}`, bytes), 'r');
  const error = await rejectsWith(t, 'tar-truncated', collect(read({ fd: file.fd, offset: 5, length: bytes.length }, 'in')));
  t.regex(error.message, /^in: ends at byte 1572870, but bytes up to 1572875 are needed/);
  await file.close();
  const folder = await open(scratch.path('.'), 'r');
  await rejectsWith(t, 'io-failed', collect(read({ fd: folder.fd, offset: 0, length: 10 }, 'in')));
  await folder.close();
});

test('a receiver that leaves: nothing reads on', async (t) => {
  const file = await open(await scratch.write('left', bytes), 'r');
  for await (const chunk of localChunks({ fd: file.fd, offset: 0, length: bytes.length }, 'in')) {
    t.is(chunk.length, 512 * 1024);
    break;
  }
  await file.close();
});
