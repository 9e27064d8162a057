import test from 'ava';
import * as fc from 'fast-check';
import { formatPaxRecords, parsePaxRecords } from '../../src/tar/pax.js';
import { attributesOf } from '../../src/tar/pax-attributes.js';

const place = { file: 'x.tar', offset: 0 };
const limits = { paxRecords: 1000 };
const key = fc.string({ minLength: 1, unit: 'binary' }).map((text) => text.replace(/[=\0]/g, '_'));

test('records survive formatting and parsing', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(key, fc.uint8Array({ maxLength: 1200 }))), (records) => {
    const parsed = parsePaxRecords(formatPaxRecords(records), limits, place);
    t.deepEqual(parsed.map(({ key: name, value }) => [name, [...value]]), records.map(([name, value]) => [name, [...value]]));
  }));
});

test('lengths count their own digits at every edge', (t) => {
  for (let size = 0; size < 1100; size++) {
    const body = formatPaxRecords([['k', 'v'.repeat(size)]]);
    t.is(Number.parseInt(body.toString(), 10), body.length);
  }
});

test('any byte changed in a length is malformed', (t) => {
  const body = formatPaxRecords([['path', 'some/file'], ['mtime', '1']]);
  for (const digit of '013456789 -') {
    const broken = Buffer.from(body);
    broken.write(digit, 0);
    if (!broken.equals(body)) t.throws(() => parsePaxRecords(broken, limits, place), { code: 'tar-malformed' } as object);
  }
});

test('times keep nanoseconds and the sign', (t) => {
  const time = (text: string): unknown => attributesOf([{ key: 'mtime', value: Buffer.from(text) }], 'entry', place).mtime;
  t.deepEqual(time('1.5'), { seconds: 1, nanoseconds: 5e8 });
  t.deepEqual(time('-1.25'), { seconds: -2, nanoseconds: 75e7 });
  t.deepEqual(time('-0.000000001'), { seconds: -1, nanoseconds: 999_999_999 });
  t.deepEqual(time('7.'), { seconds: 7, nanoseconds: 0 });
  t.deepEqual(time('1.1234567899'), { seconds: 1, nanoseconds: 123_456_789 });
  t.deepEqual(time('-0'), { seconds: 0, nanoseconds: 0 });
});

test('an attribute is a copy, other records are kept', (t) => {
  const body = formatPaxRecords([['SCHILY.xattr.user.a', Uint8Array.of(0, 10, 255)], ['VENDOR.x', 'y'], ['hdrcharset', 'BINARY']]);
  const { xattrs, rest } = attributesOf(parsePaxRecords(body, limits, place), 'entry', place);
  body.fill(0);
  t.deepEqual([...(xattrs ?? [])], [['user.a', Uint8Array.of(0, 10, 255)]]);
  t.deepEqual([...(rest ?? [])], [['VENDOR.x', 'y']]);
});
