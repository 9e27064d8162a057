import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { gunzipStream } from '../../src/content/gunzip-stream.js';
import { lentBytes } from '../../src/content/lent-chunk.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { collect, inPieces, lentPieces, sameBytes, sampleBytes } from './bytes.js';

// Several steps of 128 KiB; then one that takes more than a buffer of a mebibyte.
const PLAIN = sampleBytes(1_000_000);
const BYTES = Buffer.concat([PLAIN, Buffer.alloc(2_500_000, 7), PLAIN]);
const PACKED = gzipSync(BYTES, { level: 1 });
const options = { name: 'x', limits: DEFAULT_LIMITS };

for (const size of [100_000, 4_000_000]) {
  test(`lent pieces are right until the next is asked for, from pieces of ${size}`, async (t) => {
    let at = 0;
    for await (const piece of gunzipStream(inPieces(PACKED, size), { ...options, lent: true })) {
      // The next step is under way.
      await setImmediate();
      sameBytes(t, lentBytes(piece), BYTES.subarray(at, at + piece.length));
      at += piece.length;
    }
    t.is(at, BYTES.length);
  });
}

test('what is compressed may be lent', async (t) => {
  for (const size of [1000, 300_000]) sameBytes(t, await collect(gunzipStream(lentPieces(PACKED, size), options)), BYTES);
});

test('lent pieces lie in two buffers in turn', async (t) => {
  const buffers = new Set<ArrayBufferLike>();
  for await (const piece of gunzipStream(inPieces(gzipSync(PLAIN, { level: 1 })), { ...options, lent: true })) buffers.add(lentBytes(piece).buffer);
  t.is(buffers.size, 2);
});

test('what expands much is decoded in small steps, so that much of it lies in the same two buffers', async (t) => {
  const zeros = Buffer.alloc(100_000_000);
  const buffers = new Map<ArrayBufferLike, number>();
  let bytes = 0;
  for await (const piece of gunzipStream(inPieces(gzipSync(zeros, { level: 1 })), { ...options, lent: true })) {
    const { buffer } = lentBytes(piece);
    buffers.set(buffer, (buffers.get(buffer) ?? 0) + piece.length);
    bytes += piece.length;
  }
  t.is(bytes, zeros.length);
  const [first = 0, second = 0] = [...buffers.values()].sort((a, b) => b - a);
  t.true(first + second > bytes / 4, `${first + second} bytes in two of ${buffers.size} buffers`);
});

test('pieces that are not lent stay as they are', async (t) => {
  const all: Uint8Array[] = [];
  for await (const piece of gunzipStream(inPieces(PACKED), options)) all.push(piece);
  sameBytes(t, Buffer.concat(all), BYTES);
});
