import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { gzipParallel } from '../../src/content/gzip-parallel.js';
import { lentBytes } from '../../src/content/lent-chunk.js';
import { collect, inPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const BLOCK = 1024 * 1024;

for (const lent of [false, true]) test.serial(`memory is used again: as much for forty blocks as for eight, ${lent ? 'lent' : 'given'}`, async (t) => {
  const held: number[] = [];
  const input = Buffer.alloc(BLOCK / 2, 'abcdefg');
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 80; i += 1) {
      // The receiver is done with the chunk before it asks for the next.
      input.fill(i, 0, 1000);
      yield input;
    }
  }
  for await (const _ of gzipParallel(chunks(), { level: 1, lent })) held.push(process.memoryUsage().arrayBuffers);
  const growth = Math.max(...held) - Math.max(...held.slice(0, 8));
  t.true(growth < 2 * BLOCK, `${growth} bytes more`);
});

test('what is yielded stays, unless it is lent: then its memory is used again', async (t) => {
  const bytes = sampleBytes(6 * BLOCK);
  const kept: Uint8Array[] = [];
  for await (const piece of gzipParallel(inPieces(bytes, 300_000))) kept.push(piece);
  sameBytes(t, gunzipSync(Buffer.concat(kept)), bytes);
  const lent: Uint8Array[] = [];
  for await (const piece of gzipParallel(inPieces(bytes, 300_000), { lent: true })) lent.push(lentBytes(piece));
  t.true(new Set(lent.map(({ buffer }) => buffer)).size < lent.length);
});

test('a chunk may change when the next is asked for', async (t) => {
  const bytes = sampleBytes(3 * BLOCK + 5);
  const reused = Buffer.alloc(300_000);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(bytes, reused.length)) {
      reused.set(piece);
      yield reused.subarray(0, piece.length);
      reused.fill(0);
    }
  }
  sameBytes(t, await collect(gzipParallel(chunks())), await collect(gzipParallel(inPieces(bytes))));
});

for (const length of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 12_345]) {
  test(`${length} bytes: node and gzip read it back, and it is one member`, async (t) => {
    const bytes = sampleBytes(length);
    const packed = await collect(gzipParallel(inPieces(bytes, 300_000)));
    sameBytes(t, gunzipSync(packed), bytes);
    t.notThrows(() => execFileSync('gzip', ['-t'], { input: packed, stdio: ['pipe', 'ignore', 'pipe'] }));
    t.deepEqual([...packed.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    t.is(packed.readUInt32LE(packed.length - 4), length);
    sameBytes(t, await collect(gzipParallel(inPieces(bytes, 65_536))), packed, 'the way the input is cut shows');
  });
}

test('any input, cut anywhere, at any level: same bytes out, same bytes back', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(3 * BLOCK), fc.integer({ min: 1, max: 9 }), fc.array(fc.integer({ min: 1, max: 2 * BLOCK }), { minLength: 1, maxLength: 6 }), async (length, level, cuts) => {
      const bytes = sampleBytes(length, length + 1);
      async function* cut(): AsyncGenerator<Uint8Array> {
        for (let at = 0, i = 0; at < length; at += cuts[i % cuts.length] ?? 1, i += 1) yield bytes.subarray(at, at + (cuts[i % cuts.length] ?? 1));
      }
      const sliced = length > 100_000 ? Math.max(...cuts) > 10_000 : true;
      if (!sliced) return;
      const packed = await collect(gzipParallel(cut(), { level }));
      sameBytes(t, packed, await collect(gzipParallel(inPieces(bytes), { level })));
      sameBytes(t, gunzipSync(packed), bytes);
    }),
    { numRuns: 8 },
  );
});

test('blocks know what came before them', async (t) => {
  // Random, so that only repetition across the border of two blocks can help.
  const part = sampleBytes(16 * 1024).map((byte, i) => byte ^ (i * 2654435761) >>> 13);
  const bytes = Buffer.concat([Buffer.alloc(BLOCK - part.length), part, part]);
  const alone = (await collect(gzipParallel(inPieces(bytes.subarray(0, BLOCK))))).length;
  t.true((await collect(gzipParallel(inPieces(bytes)))).length < alone + 1000);
});

test('fast is level 1', async (t) => {
  const bytes = sampleBytes(100_000);
  sameBytes(t, await collect(gzipParallel(inPieces(bytes), { level: 'fast' })), await collect(gzipParallel(inPieces(bytes), { level: 1 })));
});

test('an abort, a failing input, a receiver that leaves', async (t) => {
  const bytes = sampleBytes(6 * BLOCK);
  const controller = new AbortController();
  const chunks = gzipParallel(inPieces(bytes, 100_000), { signal: controller.signal });
  await chunks.next();
  await chunks.next();
  controller.abort();
  await rejectsWith(t, 'interrupted', collect(chunks));
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw new Error('the line was cut');
  }
  await t.throwsAsync(collect(gzipParallel(failing())), { message: 'the line was cut' });
  for await (const _ of gzipParallel(inPieces(bytes))) break;
});
