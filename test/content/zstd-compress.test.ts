import { execFileSync } from 'node:child_process';
import { decompress as unzstd } from '@cloudpss/zstd';
import test from 'ava';
import { decompress } from '../../src/content/decompress.js';
import { zstdCompress } from '../../src/content/zstd-compress.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const FRAME = 4 << 20;

for (const length of [0, 1, FRAME, 2 * FRAME + 5]) {
  test(`${length} bytes come back, and the way they are cut does not show`, async (t) => {
    const bytes = sampleBytes(length);
    const packed = await collect(zstdCompress(inPieces(bytes, 1_000_003)));
    sameBytes(t, await collect(decompress(inPieces(packed, 99_999), 'zstd', { name: 'x' })), bytes);
    sameBytes(t, await collect(zstdCompress(inPieces(bytes))), packed);
    if (length > 0 && length <= FRAME) sameBytes(t, unzstd(packed), bytes);
  });
}

test('zstd -t reads it', async (t) => {
  const packed = await collect(zstdCompress(inPieces(sampleBytes(2 * FRAME)), { level: 9 }));
  try {
    execFileSync('zstd', ['-t', '-q'], { input: packed, stdio: ['pipe', 'ignore', 'pipe'] });
    t.pass();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') t.pass('no zstd command here');
    else t.fail(String(error));
  }
});

test('an abort', async (t) => {
  const controller = new AbortController();
  const chunks = zstdCompress(inPieces(sampleBytes(2 * FRAME)), { signal: controller.signal });
  await chunks.next();
  controller.abort();
  await rejectsWith(t, 'interrupted', collect(chunks));
});
