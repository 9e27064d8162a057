import test from 'ava';
import { bytes, day, duration } from '../../../cli/render/units.js';
import { columnsOf, cut, labelled, padEnd, wrap } from '../../../cli/render/width.js';

for (const [count, text] of [[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [999_949, '999.9 kB'], [999_950, '1.0 MB'], [1_449_000_000, '1.4 GB'], [5e18, '5000.0 PB']] as const) {
  test(`${count} bytes are ${text}`, (t) => {
    t.is(bytes(count), text);
  });
}

for (const [seconds, text] of [[0.4, '0 s'], [59.4, '59 s'], [59.6, '1 min 0 s'], [7800, '2 h 10 min']] as const) {
  test(`${seconds} seconds are ${text}`, (t) => {
    t.is(duration(seconds), text);
  });
}

test('a day, or a dash for what is none', (t) => {
  t.is(day('2024-05-01T10:20:30Z'), '2024-05-01');
  t.is(day('\u001b[31m'), '-');
  t.is(day(undefined), '-');
});

test('what East Asia writes, and emoji, take two columns; accents of their own none', (t) => {
  for (const [text, columns] of [['', 0], ['abc', 3], ['naïve', 5], ['nai\u0308ve', 5], ['日本語', 6], ['한글', 4], ['ｆｕｌｌ', 8], ['a🐳b', 4], ['█░…→', 4], ['привет', 6], ['\ufe0f', 0], ['𠮷', 2]] as const) t.is(columnsOf(text), columns, text);
  t.is(cut('日本語', 6), '日本語');
  t.is(cut('日本語', 5), '日本…');
  t.is(cut('日本語', 4), '日…');
  t.is(cut('a🐳b🐳', 4), 'a🐳…');
  t.is(padEnd('日本', 6), '日本  ');
});

test('cut marks the cut; wrap keeps words whole', (t) => {
  t.is(cut('abcdef', 6), 'abcdef');
  t.is(cut('abcdefg', 6), 'abcde…');
  t.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  t.deepEqual(wrap('longer-than-that x', 5), ['longer-than-that', 'x']);
  t.deepEqual(wrap('digest  size right', 9), ['digest', 'size', 'right']);
  t.is(labelled('note:', '<note:>', 'one two three', 13), '<note:> one\n  two three');
  t.is(labelled('note:', '<note:>', 'one two three', undefined), '<note:> one two three');
});
