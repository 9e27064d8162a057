import { deflateRawSync, inflateRawSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { createJobMemory, jobInput, jobOutput, setBefore, PART_BYTES, WINDOW_BYTES } from '../../src/deflate/deflate-job.js';
import { Deflater } from '../../src/deflate/deflater.js';
import { sameBytes, sha256 } from '../content/bytes.js';
import { KINDS, noise } from './inputs.js';

const deflater = new Deflater();
const memory = createJobMemory();
/** An empty last block: ends what was left open. */
const END = Buffer.from([3, 0]);

/** `input` behind `before`, compressed. */
function deflate(input: Uint8Array, { level = 4, last = true, before = Buffer.alloc(0) }: { level?: number; last?: boolean; before?: Uint8Array } = {}): Buffer {
  jobInput(memory).set(input);
  const kept = setBefore(memory, before);
  return Buffer.from(jobOutput(memory, deflater.run({ memory, length: input.length, before: kept, last, level })));
}

for (const [name, make] of Object.entries(KINDS)) {
  test(`${name}: zlib reads back what each level wrote, which is the same each time`, (t) => {
    const bytes = make(110_003);
    const [before, input] = [bytes.subarray(0, 33_000), bytes.subarray(33_000)];
    const dictionary = before.subarray(-WINDOW_BYTES);
    for (let level = 1; level <= 9; level += 1) {
      const packed = deflate(input, { level, before });
      sameBytes(t, inflateRawSync(packed, { dictionary }), input, `level ${level}`);
      t.true(packed.length < input.length + 100, `level ${level} made ${packed.length} bytes`);
      deflate(noise(3000), { level });
      sameBytes(t, deflate(input, { level, before }), packed, `level ${level} remembers what it did before`);
      const open = deflate(input, { level, before, last: false });
      sameBytes(t, inflateRawSync(Buffer.concat([open, END]), { dictionary }), input, `level ${level}, left open`);
    }
  });
}

test('any input behind any other', (t) => {
  const kinds = Object.values(KINDS).map((make) => make(70_000));
  t.notThrows(() => fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.nat(33_000), fc.nat(300), fc.integer({ min: 1, max: 9 }), fc.boolean(), (bytes, start, length, level, last) => {
      const [before, input] = [bytes.subarray(0, start), bytes.subarray(start, start + length)];
      const packed = deflate(input, { level, before, last });
      const dictionary = before.subarray(-WINDOW_BYTES);
      return inflateRawSync(last ? packed : Buffer.concat([packed, END]), dictionary.length === 0 ? {} : { dictionary }).equals(input);
    }),
    { numRuns: 500 },
  ));
});

test('a whole part that cannot get smaller, and none at all', (t) => {
  const bytes = noise(PART_BYTES);
  for (const level of [1, 4, 9]) {
    const packed = deflate(bytes, { level, before: noise(WINDOW_BYTES, 'before') });
    sameBytes(t, inflateRawSync(packed), bytes);
    t.true(packed.length <= bytes.length + 300);
    t.is(inflateRawSync(deflate(Buffer.alloc(0), { level })).length, 0);
    t.is(inflateRawSync(Buffer.concat([deflate(Buffer.alloc(0), { level, last: false }), END])).length, 0);
  }
});

test('what looks like noise is stored up to level 5, and searched above it', (t) => {
  const again = Buffer.alloc(PART_BYTES, noise(30_001));
  for (const level of [1, 4, 5]) t.true(deflate(again, { level }).length > again.length, `level ${level}`);
  for (const level of [6, 9]) t.true(deflate(again, { level }).length < again.length / 10, `level ${level}`);
});

test('what came before is reached back to, as far as deflate can', (t) => {
  const before = noise(WINDOW_BYTES);
  for (let level = 1; level <= 9; level += 1) t.true(deflate(before.subarray(0, 8000), { level, before }).length < 300, `level ${level}`);
});

test('no level is much larger than that of zlib', (t) => {
  for (const kind of ['hexadecimal', 'lines of a log', 'noise and text by turns']) {
    const input = (KINDS[kind] as (size: number) => Buffer)(300_000);
    for (let level = 1; level <= 9; level += 1) {
      const [ours, theirs] = [deflate(input, { level }).length, deflateRawSync(input, { level }).length];
      t.true(ours < theirs * 1.06, `${kind}, level ${level}: ${ours} bytes, zlib ${theirs}`);
    }
  }
});

test('a level takes no more than the one before it', (t) => {
  const input = (KINDS['lines of a log'] as (size: number) => Buffer)(300_000);
  const sizes = Array.from({ length: 9 }, (_, i) => deflate(input, { level: i + 1 }).length);
  for (const [i, size] of sizes.entries()) t.true(size <= (sizes[i - 1] ?? Infinity) * 1.01, `${sizes.join(' ')}`);
});

test('equal input gives these bytes with every Node on every machine: another compressor would change the digest of every layer', (t) => {
  const input = Buffer.concat(Object.values(KINDS).map((make) => make(50_000)));
  t.deepEqual(Array.from({ length: 9 }, (_, i) => sha256(deflate(input, { level: i + 1 })).slice(7, 23)), [
    '5ec360838ad3e185', 'f54c3a134841bb04', '58115b1f4666c468', '2a4fb16342064918', 'fe41285cc637168a', '58d534076058a760', 'f64c36c1ebd4cfd4', 'd9ab73a1142139c4', '205209766f1e5b1f',
  ]);
});
