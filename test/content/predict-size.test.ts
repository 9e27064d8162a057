import { gzipSync } from 'node:zlib';
import { compress } from '@cloudpss/zstd';
import test from 'ava';
import { gzipParallel } from '../../src/content/gzip-parallel.js';
import { predictDecompressedSize } from '../../src/content/predict-size.js';
import { zstdCompress } from '../../src/content/zstd-compress.js';
import { collect, inPieces, sampleBytes } from './bytes.js';
import { tempFile } from './temp.js';

test('uncompressed bytes are as large as they are', async (t) => {
  t.deepEqual(await predictDecompressedSize({ fd: -1, offset: 5, length: 77 }, 'none'), { size: 77, certainty: 'exact' });
});

for (const length of [0, 1, 200, 255, 256, 300, 65_791, 65_792, 1_000_000, 9_000_000]) {
  test(`${length} bytes`, async (t) => {
    const bytes = sampleBytes(length);
    const cases = [
      ['gzip', gzipSync(bytes)],
      ['gzip', await collect(gzipParallel(inPieces(bytes)))],
      ['zstd', compress(bytes, 3)],
      ['zstd', await collect(zstdCompress(inPieces(bytes)))],
    ] as const;
    for (const [compression, packed] of cases) {
      const { fd } = await tempFile(t, Buffer.concat([Buffer.from('before'), packed, Buffer.from('behind')]));
      t.deepEqual(await predictDecompressedSize({ fd, offset: 6, length: packed.length }, compression), { size: length, certainty: 'guess' });
    }
  });
}

test('no guess where nothing sensible is told', async (t) => {
  const packed = Buffer.from(compress(sampleBytes(300_000), 3));
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(100), packed.subarray(0, -1), Buffer.concat([packed, Buffer.of(1)])]) {
    const { fd } = await tempFile(t, bytes);
    t.is(await predictDecompressedSize({ fd, offset: 0, length: bytes.length }, 'zstd'), undefined);
  }
  const { fd } = await tempFile(t, Buffer.alloc(10));
  t.is(await predictDecompressedSize({ fd, offset: 0, length: 10 }, 'gzip'), undefined);
});
