import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { gunzipStream } from '../../src/content/gunzip-stream.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { inPieces, sameBytes, sampleBytes } from './bytes.js';

// Several steps of 128 KiB; then one that takes more than a buffer of a mebibyte.
const PLAIN = sampleBytes(1_000_000);
const BYTES = Buffer.concat([PLAIN, Buffer.alloc(2_500_000, 7), PLAIN]);
const PACKED = gzipSync(BYTES, { level: 1 });
const options = { name: 'x', limits: DEFAULT_LIMITS };

for (const size of [100_000, 4_000_000]) {
  test(`borrowed pieces are right until the next is asked for, from pieces of ${size}`, async (t) => {
    let at = 0;
    for await (const piece of gunzipStream(inPieces(PACKED, size), { ...options, pieces: 'borrowed' })) {
      // The next step is under way.
      await setImmediate();
      sameBytes(t, piece, BYTES.subarray(at, at + piece.length));
      at += piece.length;
    }
    t.is(at, BYTES.length);
  });
}

test('borrowed pieces lie in two buffers in turn', async (t) => {
  const buffers = new Set<ArrayBufferLike>();
  for await (const { buffer } of gunzipStream(inPieces(gzipSync(PLAIN, { level: 1 })), { ...options, pieces: 'borrowed' })) buffers.add(buffer);
  t.is(buffers.size, 2);
});

test('owned pieces stay as they are', async (t) => {
  const all: Uint8Array[] = [];
  for await (const piece of gunzipStream(inPieces(PACKED), options)) all.push(piece);
  sameBytes(t, Buffer.concat(all), BYTES);
});
