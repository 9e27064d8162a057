import test from 'ava';
import { copyBytes } from '../../src/content/copy-bytes.js';
import { sampleBytes, sameBytes } from './bytes.js';

const shared = (size: number): Buffer => Buffer.from(new SharedArrayBuffer(size));

for (const [what, make] of [['shared memory', shared], ['memory of its own', (size: number) => Buffer.alloc(size)]] as const) {
  test(`from and to ${what}, however they lie: these bytes, and no others`, (t) => {
    for (const [from, to, length] of [[0, 0, 5000], [1, 2, 4999], [3, 0, 1], [0, 5, 0], [7, 4, 100]] as const) {
      const bytes = sampleBytes(from + length).subarray(from);
      const source = make(from + length).subarray(from);
      copyBytes(source, bytes, 0);
      const target = make(6000);
      copyBytes(target, source, to);
      const expected = Buffer.alloc(6000);
      expected.set(bytes, to);
      sameBytes(t, target, expected);
    }
  });
}
