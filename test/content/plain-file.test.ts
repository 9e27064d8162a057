import test from 'ava';
import { PlainFile } from '../../src/content/plain-file.js';
import { makeScratch } from '../helpers/scratch.js';
import { sampleBytes, sameBytes } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const bytes = sampleBytes(3_000_000);

test('reads where it is told, many at once', async (t) => {
  const file = await PlainFile.open(await scratch.write('file', bytes));
  t.is(Number((await file.stat()).size), bytes.length);
  const parts = [0, 1, 2].map(() => Buffer.alloc(1_000_000));
  t.deepEqual(await Promise.all(parts.map(async (part, i) => (await file.read(part, 0, part.length, i * part.length)).bytesRead)), [1_000_000, 1_000_000, 1_000_000]);
  sameBytes(t, Buffer.concat(parts), bytes);
  t.is((await file.read(Buffer.alloc(1), 0, 1, bytes.length)).bytesRead, 0);
  await file.close();
});

test('closing waits for what is under way, and is done once', async (t) => {
  const file = await PlainFile.open(await scratch.write('closed', bytes));
  const parts = Array.from({ length: 20 }, () => Buffer.alloc(bytes.length));
  const reads = parts.map((part) => file.read(part, 0, part.length, 0));
  const closed = file.close();
  t.is(file.fd, -1);
  let done = 0;
  for (const read of reads) void read.then(() => { done += 1; });
  await closed;
  t.is(done, reads.length);
  for (const part of parts) sameBytes(t, part, bytes);
  await file.close();
  await t.throwsAsync(file.read(Buffer.alloc(1), 0, 1, 0), { code: 'EBADF' });
  await t.throwsAsync(file.stat(), { code: 'EBADF' });
});

test('what cannot be opened', async (t) => {
  await t.throwsAsync(PlainFile.open(scratch.path('none')), { code: 'ENOENT' });
});
