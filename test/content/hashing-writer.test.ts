import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { HashingWriter } from '../../src/content/hashing-writer.js';
import { inPieces, rejectsWith, sameBytes, sampleBytes, sha256 } from './bytes.js';
import { tempFolder } from './temp.js';

for (const [what, size] of [['nothing', 0], ['little, at once', 100_000], ['much, with a thread', 20_000_003]] as const) {
  test(`${what}: every byte in its place, and the digest`, async (t) => {
    const bytes = sampleBytes(size);
    const path = join(await tempFolder(t), 'out');
    const handle = await open(path, 'wx');
    const writer = new HashingWriter(handle, { name: 'out' });
    const reused = Buffer.alloc(1_500_000);
    for await (const chunk of inPieces(bytes, reused.length)) {
      // What was taken may be overwritten at once.
      reused.set(chunk);
      await writer.write(reused.subarray(0, chunk.length));
    }
    t.deepEqual(await writer.finish(), { digest: sha256(bytes), size });
    await writer.close();
    await handle.close();
    sameBytes(t, await readFile(path), bytes);
  });
}

test('a full disk is said, at the start and with a thread', async (t) => {
  for (const size of [1000, 20_000_000]) {
    const handle = await open('/dev/full', 'w');
    const writer = new HashingWriter(handle, { name: 'out' });
    await rejectsWith(t, 'disk-full', (async () => {
      for await (const chunk of inPieces(sampleBytes(size), 1_000_000)) await writer.write(chunk);
      await writer.finish();
    })());
    await writer.close();
    await handle.close();
  }
});
