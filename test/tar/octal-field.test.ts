import test from 'ava';
import * as fc from 'fast-check';
import { parseNumeric } from '../../src/tar/numeric.js';
import { checksumField, octalField12, octalField8 } from '../../src/tar/octal-field.js';

const READERS = [[8, octalField8], [12, octalField12], [8, checksumField]] as const;
/** Bytes around those that are allowed, and what fields end with. */
const BYTE = fc.constantFrom(0, 0x20, 0x21, 0x2f, 0x30, 0x31, 0x34, 0x37, 0x38, 0x39, 0x3f, 0x40, 0x70, 0x80, 0xb0, 0xb7, 0xff);

function read(field: Buffer, reader: (words: DataView, at: number) => number): number {
  return reader(new DataView(field.buffer, field.byteOffset, field.length), 0);
}

test('the numbers of usual fields', (t) => {
  t.is(read(Buffer.from('0000644\0'), octalField8), 0o644);
  t.is(read(Buffer.from('7654321 '), octalField8), 0o7654321);
  t.is(read(Buffer.from('00000012345\0'), octalField12), 0o12345);
  t.is(read(Buffer.from('76543217654 '), octalField12), 0o76543217654);
  t.is(read(Buffer.from('765432\0 '), checksumField), 0o765432);
});

for (const [length, reader] of READERS) {
  test(`${reader.name} says what parseNumeric says, or nothing`, (t) => {
    const digits = Array.from('0'.repeat(length - 2), (zero) => zero.charCodeAt(0));
    const usual = fc.constantFrom([0x30, 0], [0x30, 0x20], [0, 0x20], [0, 0]).map((end) => [...digits, ...end]);
    const spoilt = fc.tuple(usual, fc.nat(length - 1), BYTE).map(([field, at, byte]) => field.with(at, byte));
    fc.assert(fc.property(fc.oneof(spoilt, fc.array(BYTE, { minLength: length, maxLength: length })), (bytes) => {
      const field = Buffer.from(bytes);
      const found = read(field, reader);
      return found === -1 || found === parseNumeric(field, 0, length);
    }), { numRuns: 2000 });
    t.pass();
  });
}
