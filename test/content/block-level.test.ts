import { createHash } from 'node:crypto';
import test from 'ava';
import { blockLevel } from '../../src/content/block-level.js';

/** Bytes that no compressor makes smaller, the same in every run. */
function noise(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; parts.length * 32 < size; i += 1) parts.push(createHash('sha256').update(String(i)).digest());
  return Buffer.concat(parts).subarray(0, size);
}

test('noise is stored unless a high level was asked for', (t) => {
  t.is(blockLevel(noise(1 << 20), undefined), 0);
  t.is(blockLevel(noise(1 << 20), 1), 0);
  t.is(blockLevel(noise(1 << 20), 5), 0);
  t.is(blockLevel(noise(1 << 20), 6), 6);
});

test('text gets level 5; digits, and what is between text and noise, get level 4', (t) => {
  t.is(blockLevel(Buffer.alloc(1 << 20, '{"level":"info","message":"request served"}\n'), undefined), 5);
  const between = noise(1 << 20).map((byte) => byte & 0x7f);
  t.is(blockLevel(between, undefined), 4);
  t.is(blockLevel(Buffer.from(noise(1 << 19).toString('hex')), undefined), 4);
  t.is(blockLevel(Buffer.from(noise(1 << 19).toString('hex')), 1), 1);
});

test('a chosen level is kept for what can get smaller', (t) => {
  t.is(blockLevel(Buffer.alloc(1 << 20), 1), 1);
  t.is(blockLevel(Buffer.alloc(0), 3), 3);
});
