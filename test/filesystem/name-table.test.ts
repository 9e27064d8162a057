import test from 'ava';
import { NameTable } from '../../src/filesystem/name-table.js';

test('a table of names tells 50,000 apart, and each from its beginnings, as a map does', (t) => {
  const table = new NameTable();
  const name = (i: number): string => `folder/${i % 7}/a-${i}-ü\udc80`;
  for (let i = 0; i < 50_000; i++) if (table.set(name(i), 1 + (i % 3)) !== 0) t.fail(name(i));
  for (let i = 0; i < 50_000; i++) if (table.get(name(i)) !== 1 + (i % 3) || table.get(name(i), name(i).length - 1) !== 0) t.fail(name(i));
  for (const other of ['folder/1', `${name(0)}\0`]) t.is(table.get(other), 0);
  t.is(table.set('folder/1', 2), 0);
  t.is(table.set('folder/1', 3), 2);
  t.is(table.get('folder/1/more', 8), 3);
});

test('a table is the same for whom it was packed for', (t) => {
  for (const asked of [false, true]) {
    const table = new NameTable();
    for (let i = 0; i < 20_000; i++) table.add(`new/${i}`, 1 + (i % 3));
    if (asked) t.is(table.set('new/7', 5), 2);
    const packed = structuredClone(table.pack());
    t.is(packed.pairs.length, 40_000);
    const other = new NameTable(packed);
    for (let i = 0; i < 20_000; i++) if (other.get(`new/${i}`) !== (asked && i === 7 ? 5 : 1 + (i % 3))) t.fail(`new/${i}`);
    t.is(other.get('new/20000'), 0);
    t.is(new NameTable({ ...packed, seed: packed.seed + 1 }).get('new/1'), 0);
    other.add('new/20000', 4);
    t.is(other.set('new/20000', 1), 4);
  }
  t.is(new NameTable(new NameTable().pack()).get('a'), 0);
});

test('names that were noted as new are found, among them those of before', (t) => {
  const table = new NameTable();
  t.is(table.set('first', 7), 0);
  for (let i = 0; i < 20_000; i++) table.add(`new/${i}`, 1 + (i % 3));
  t.is(table.get('first'), 7);
  for (let i = 0; i < 20_000; i++) if (table.get(`new/${i}`) !== 1 + (i % 3)) t.fail(`new/${i}`);
  table.add('last', 5);
  t.is(table.set('last', 6), 5);
  t.is(table.get('new/20000'), 0);
});
