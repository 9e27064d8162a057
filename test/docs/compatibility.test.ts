import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { readDocument, rowsOf } from './documents.js';

const peers = join(resolve(import.meta.dirname, '../../..'), 'test/peers');

test('docs/compatibility.md: every test that a cell names is there, and every cell says yes, no or untested', async (t) => {
  const there = (await readdir(peers)).map((name) => name.replace('.test.ts', ''));
  const cells = rowsOf(await readDocument('docs/compatibility.md')).flatMap((row) => row.slice(1));
  const named = cells.flatMap((cell) => [...cell.matchAll(/(?:: |^|, )`([a-z-]+)`/g)].map(([, name = '']) => name));
  t.true(named.length >= 30);
  t.deepEqual(named.filter((name) => !there.includes(name)), []);
  const claims = cells.filter((cell) => cell.startsWith('yes') && cell !== 'yes');
  t.deepEqual(claims.filter((cell) => !/`[a-z-]+`/.test(cell)), []);
});
