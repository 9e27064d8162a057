import test from 'ava';
import * as fc from 'fast-check';
import { formatOctal, formatSize, octalMax, parseNumeric } from '../../src/tar/numeric.js';
import { base256 } from '../hostile/tar-builder.js';

const parse = (field: string | Uint8Array): number => parseNumeric(Buffer.from(field as Uint8Array), 0, field.length);

test('what is formatted parses', (t) => {
  fc.assert(fc.property(fc.maxSafeNat(), (value) => {
    const field = Buffer.alloc(12);
    formatSize(field, 0, 12, value);
    return parseNumeric(field, 0, 12) === value;
  }));
  fc.assert(fc.property(fc.nat(octalMax(8)), (value) => {
    const field = Buffer.alloc(8);
    formatOctal(field, 0, 8, value);
    return parseNumeric(field, 0, 8) === value;
  }));
  t.pass();
});

test('GNU base-256, both signs, up to 2^53 - 1', (t) => {
  fc.assert(fc.property(fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }), (value) => parse(base256(BigInt(value))) === value));
  for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n, 2n ** 88n]) t.is(parse(base256(value)), Number.NaN);
});

for (const [field, value] of [['0000644\0', 0o644], ['   644 \0', 0o644], ['00000644', 0o644], ['644 \0 \0 ', 0o644], ['\0\0\0\0', 0], ['    ', 0]] as const) {
  test(`${JSON.stringify(field)} is ${value}`, (t) => t.is(parse(field), value));
}

for (const field of ['0000648\0', '-000001\0', '0x1\0', '1.0\0', '1e3\0', '12\x0012', '\x0012\0', '12 34', '\u00e9', 'abc']) {
  test(`${JSON.stringify(field)} is no number`, (t) => t.is(parse(field), Number.NaN));
}
