import test from 'ava';
import fc from 'fast-check';
import { escape, escapeJson } from '../../../cli/render/escape.js';

for (const [text, expected] of [
  ['plain-name:1.0', 'plain-name:1.0'],
  ['naïve 日本 🐳', 'naïve 日本 🐳'],
  ['\u001b[31mred', '\\x1b[31mred'],
  ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['\u009b2J', '\\x9b2J'],
  ['\u007f', '\\x7f'],
  ['a\u202egnp.exe', 'a\\u202egnp.exe'],
  ['\u2028', '\\u2028'],
  ['\ud800', '\\ud800'],
  ['\udc00x', '\\udc00x'],
  ['gr\udcfc\udcdfe', 'gr\\xfc\\xdfe'],
] as const) {
  test(`escape ${JSON.stringify(text)}`, (t) => {
    t.is(escape(text), expected);
  });
}

test('nothing that moves a cursor survives, whatever the text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(escape(text))),
    { seed: 7, numRuns: 500 },
  );
  t.pass();
});

test('escaped JSON means the same', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = escapeJson(JSON.stringify({ text }, undefined, 2));
      return (JSON.parse(json) as { readonly text: string }).text === text && !/\p{Cc}/u.test(json.replaceAll('\n', ''));
    }),
    { seed: 7, numRuns: 500 },
  );
  t.pass();
});
