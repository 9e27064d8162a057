import { createHash } from 'node:crypto';
import { openSync, closeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { compress } from '@cloudpss/zstd';
import test, { type ExecutionContext } from 'ava';
import type { BlobPass } from '../../src/content/blob-pass.js';
import { prepareBlobPass, runBlobPass, type BlobPassWatch } from '../../src/content/blob-pass-run.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { rejectsWith, sameBytes, sampleBytes, sha256 } from './bytes.js';
import { countingTools } from './counting-tools.js';
import { tempFile } from './temp.js';

const BYTES = sampleBytes(1_500_001);
const GZIP = gzipSync(BYTES);

async function passOver(t: ExecutionContext, bytes: Uint8Array, rest: Partial<BlobPass> = {}): Promise<BlobPass> {
  const { fd } = await tempFile(t, Buffer.concat([Buffer.from('abc'), bytes, Buffer.from('behind')]));
  return { name: 'blob', input: { fd, offset: 3, length: bytes.length }, compression: 'none', algorithm: 'sha256', scanLayer: false, limits: DEFAULT_LIMITS, ...rest };
}

async function run(pass: BlobPass, watch?: BlobPassWatch): Promise<ReturnType<typeof runBlobPass>> {
  await prepareBlobPass(pass);
  return runBlobPass(pass, countingTools, watch);
}

test('stored bytes: one digest serves twice', async (t) => {
  const digest = sha256(BYTES);
  t.deepEqual(await run(await passOver(t, BYTES)), { digest, size: BYTES.length, diffId: digest, decompressedSize: BYTES.length });
  const empty = sha256(Buffer.alloc(0));
  t.deepEqual(await run(await passOver(t, Buffer.alloc(0))), { digest: empty, size: 0, diffId: empty, decompressedSize: 0 });
});

test('sha512 names the blob, the diffID stays sha256', async (t) => {
  const { digest, diffId } = await run(await passOver(t, BYTES, { algorithm: 'sha512' }));
  t.is(digest, `sha512:${createHash('sha512').update(BYTES).digest('hex')}`);
  t.is(diffId, sha256(BYTES));
});

for (const [compression, packed] of [['gzip', GZIP], ['zstd', compress(BYTES, 3)]] as const) {
  test(`${compression}: hashes, scans and writes the decompressed bytes`, async (t) => {
    const out = await tempFile(t, Buffer.from('head'));
    const seen: number[] = [];
    const pass = await passOver(t, packed, { compression, scanLayer: true, output: { fd: out.fd, offset: 4, what: 'decompressed' } });
    const result = await run(pass, { onBytes: (done) => seen.push(done) });
    t.deepEqual(result, {
      digest: sha256(packed),
      size: packed.length,
      diffId: sha256(BYTES),
      decompressedSize: BYTES.length,
      layer: { entries: BYTES.length, notes: ['scanned blob'] },
    });
    t.is(seen.at(-1), packed.length);
    sameBytes(t, (await out.read(Buffer.alloc(BYTES.length), 0, BYTES.length, 4)).buffer, BYTES);
  });

  test(`${compression}: writes the stored bytes while checking what they hold`, async (t) => {
    const out = await tempFile(t);
    await run(await passOver(t, packed, { compression, output: { fd: out.fd, offset: 0, what: 'stored' } }));
    sameBytes(t, await out.readFile(), packed);
  });

  test(`${compression}: cut short, garbage, bomb`, async (t) => {
    await rejectsWith(t, 'compression-malformed', run(await passOver(t, packed.subarray(0, -1), { compression })));
    await rejectsWith(t, 'compression-malformed', run(await passOver(t, Buffer.concat([packed, Buffer.from('x')]), { compression })));
    await rejectsWith(t, 'limit-exceeded', run(await passOver(t, packed, { compression, limits: { ...DEFAULT_LIMITS, compressionRatio: 1, ratioFloor: 1000 } })));
  });
}

test('a full disk', async (t) => {
  const fd = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(fd));
  for (const what of ['stored', 'decompressed'] as const) {
    await rejectsWith(t, 'disk-full', run(await passOver(t, GZIP, { compression: 'gzip', output: { fd, offset: 0, what } })));
  }
});

test('a file that ends early, and a cancelled pass', async (t) => {
  const pass = await passOver(t, BYTES);
  const error = await rejectsWith(t, 'tar-truncated', run({ ...pass, input: { ...pass.input, length: BYTES.length + 100 } }));
  t.is(error.details.offset, BYTES.length + 6);
  await rejectsWith(t, 'interrupted', run(pass, { isCancelled: () => true }));
});
