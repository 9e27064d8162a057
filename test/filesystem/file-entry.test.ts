import test from 'ava';
import { fileEntry } from '../../src/filesystem/file-entry.js';
import { Inode, WHITEOUT } from '../../src/filesystem/inode.js';

const timeOf = (seconds: number, nanoseconds = 0): string => fileEntry('/file', new Inode(WHITEOUT.attributes, { seconds, nanoseconds }), 0).mtime;

test('times are RFC 3339 in UTC, with as many digits of a second as say something', (t) => {
  t.is(timeOf(0), '1970-01-01T00:00:00Z');
  t.is(timeOf(0, 1), '1970-01-01T00:00:00.000000001Z');
  t.is(timeOf(0, 120_000_000), '1970-01-01T00:00:00.12Z');
  t.is(timeOf(0), '1970-01-01T00:00:00Z', 'the second is known, with a fraction and without');
  t.is(timeOf(-1, 500_000_000), '1969-12-31T23:59:59.5Z');
  t.is(timeOf(253_402_300_799, 999_999_999), '9999-12-31T23:59:59.999999999Z');
});

test('where the year has more digits than RFC 3339 can hold, seconds since 1970 are told', (t) => {
  t.is(timeOf(253_402_300_800), '@253402300800');
  t.is(timeOf(253_402_300_800, 5), '@253402300800');
});

test('more times than are remembered are each their own', (t) => {
  for (const round of [1, 2]) for (let i = 0; i < 2500; i += 1) t.is(timeOf(i, round - 1), new Date(i * 1000).toISOString().replace('.000Z', round === 1 ? 'Z' : '.000000001Z'));
});
