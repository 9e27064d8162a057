import test from 'ava';
import * as fc from 'fast-check';
import { decodeText, encodeText, printable } from '../../src/tar/text.js';

test('any bytes survive decoding and encoding', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => encodeText(decodeText(Buffer.from(bytes))).equals(bytes)));
  t.pass();
});

test('any well-formed text survives encoding and decoding', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeText(encodeText(text)) === text));
  t.pass();
});

test('bytes that are not UTF-8 become U+DC80..U+DCFF, a BOM stays', (t) => {
  t.is(decodeText(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0x80])), 'a\udcff\u00e9\udc80');
  t.is(decodeText(Buffer.from([0xed, 0xa0, 0x80])), '\udced\udca0\udc80');
  t.is(decodeText(Buffer.from([0xef, 0xbb, 0xbf, 0x61])), '\ufeffa');
});

test('another lone surrogate stands for no bytes', (t) => {
  t.throws(() => encodeText('a\ud800'), { code: 'usage' } as object);
});

test('printable text moves no cursor', (t) => {
  t.is(printable('a\x1b[31m\n"\\\x9b\udcff\u202e\u2028'), 'a\\x1b[31m\\x0a\\"\\\\\\x9b\\xff\\u202e\\u2028');
  t.is(printable('d\u00e9j\u00e0 \u{1f480}'), 'd\u00e9j\u00e0 \u{1f480}');
});
