import test from 'ava';
import type { ByteSource } from '../../src/content/byte-source.js';
import { keptHead } from '../../src/content/kept-head.js';
import { lendRange } from '../../src/content/lend-range.js';
import { collect, lentPieces, rejectsWith, sameBytes, sampleBytes } from './bytes.js';

const BYTES = sampleBytes(20_000);

/** A source in memory that notes what it is asked for. */
function noted(bytes: Uint8Array): { readonly source: ByteSource; readonly asked: string[] } {
  const asked: string[] = [];
  const source: ByteSource = {
    name: 'x',
    size: bytes.length,
    async read(offset, length) {
      asked.push(`read ${offset}+${length}`);
      return bytes.slice(offset, offset + length);
    },
    async *stream(range) {
      asked.push(range === undefined ? 'stream' : `stream ${range.offset}+${range.length}`);
      yield range === undefined ? bytes.slice() : bytes.slice(range.offset, range.offset + range.length);
    },
    locate: () => undefined,
    close: async () => void asked.push('close'),
  };
  return { source, asked };
}

test('the head is read once, for reads and streams that lie in it; all else goes to the source', async (t) => {
  const { source, asked } = noted(BYTES);
  const kept = keptHead(source);
  t.deepEqual(asked, []);
  const [first, second] = await Promise.all([kept.read(0, 64), kept.read(16_000, 384)]);
  sameBytes(t, first, BYTES.subarray(0, 64));
  sameBytes(t, second, BYTES.subarray(16_000, 16_384));
  sameBytes(t, await collect(kept.stream({ offset: 512, length: 1000 })), BYTES.subarray(512, 1512));
  t.deepEqual(asked.splice(0), ['read 0+16384']);
  sameBytes(t, await kept.read(16_000, 385), BYTES.subarray(16_000, 16_385));
  sameBytes(t, await collect(kept.stream()), BYTES);
  await kept.read(-1, 1);
  await kept.close();
  t.deepEqual(asked, ['read 16000+385', 'stream', 'read -1+1', 'close']);
});

test('a source that lends is asked to lend', async (t) => {
  const { source, asked } = noted(BYTES);
  const lending: ByteSource = { ...source, lend: (range) => (asked.push(`lend ${range?.offset}`), lentPieces(BYTES.subarray(range?.offset), 3000)) };
  sameBytes(t, await collect(lendRange(keptHead(lending), { offset: 5, length: 19_995 })), BYTES.subarray(5));
  t.deepEqual(asked.splice(0), ['lend 5']);
  sameBytes(t, await collect(lendRange(keptHead(source))), BYTES);
  t.deepEqual(asked, ['stream']);
});

test('what is handed out belongs to the receiver', async (t) => {
  const kept = keptHead(noted(BYTES).source);
  (await kept.read(0, 100)).fill(0);
  for await (const chunk of kept.stream({ offset: 0, length: 100 })) structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] });
  sameBytes(t, await kept.read(0, 100), BYTES.subarray(0, 100));
});

test('of a source that is smaller, all is kept', async (t) => {
  const { source, asked } = noted(BYTES.subarray(0, 700));
  sameBytes(t, await keptHead(source).read(0, 700), BYTES.subarray(0, 700));
  t.deepEqual(asked, ['read 0+700']);
});

test('a failure and an interruption are told', async (t) => {
  const broken = { ...noted(BYTES).source, read: async () => Promise.reject(new Error('the disk is gone')) };
  await t.throwsAsync(keptHead(broken).read(0, 1), { message: 'the disk is gone' });
  await rejectsWith(t, 'interrupted', collect(keptHead(noted(BYTES).source).stream({ offset: 0, length: 1 }, AbortSignal.abort())));
});
