import { open, truncate } from 'node:fs/promises';
import test from 'ava';
import type { BlobPass } from '../../src/content/blob-pass.js';
import { digestAhead, mayReadAhead } from '../../src/content/digest-ahead.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { makeScratch } from '../helpers/scratch.js';
import { rejectsWith, sampleBytes, sha256 } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const BLOCK = 512 * 1024;
const bytes = sampleBytes(3 * BLOCK + 10);
const path = scratch.writeNow('bytes', bytes);
const pass = (fd: number, offset: number, length: number): BlobPass => ({ name: 'the file', input: { fd, offset, length }, compression: 'none', algorithm: 'sha256', scanLayer: false, limits: DEFAULT_LIMITS });

test('every size and offset gives the digest of just these bytes', async (t) => {
  const handle = await open(path);
  for (const offset of [0, 7]) {
    for (const length of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 3]) {
      const seen: number[] = [];
      const digest = sha256(bytes.subarray(offset, offset + length));
      t.deepEqual(await digestAhead(pass(handle.fd, offset, length), { onBytes: (done) => void seen.push(done) }), { digest, size: length, diffId: digest, decompressedSize: length });
      t.is(seen.at(-1), length === 0 ? undefined : length);
    }
  }
  await handle.close();
});

test('a file that ends early, that cannot be read, and work that is stopped', async (t) => {
  const short = await scratch.write('short', bytes);
  const handle = await open(short);
  const work = digestAhead(pass(handle.fd, 0, bytes.length + 1));
  await rejectsWith(t, 'tar-truncated', work);
  await truncate(short, BLOCK + 5);
  await rejectsWith(t, 'tar-truncated', digestAhead(pass(handle.fd, 0, bytes.length)));
  let asked = 0;
  await rejectsWith(t, 'interrupted', digestAhead(pass(handle.fd, 0, BLOCK + 5), { isCancelled: () => (asked += 1) === 2 }));
  await handle.close();
  const folder = await open(scratch.folder);
  await rejectsWith(t, 'io-failed', digestAhead(pass(folder.fd, 0, 10)));
  await folder.close();
});

test('only passes that hash and nothing else, and none that says no', (t) => {
  const only = pass(0, 0, 1);
  t.true(mayReadAhead(only));
  for (const more of [{ compression: 'gzip' }, { algorithm: 'sha512' }, { scanLayer: true }, { readAhead: false }, { output: { fd: 1, offset: 0, what: 'stored' } }] as const) t.false(mayReadAhead({ ...only, ...more }));
});
