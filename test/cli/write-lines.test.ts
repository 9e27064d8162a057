import test from 'ava';
import { writeLines } from '../../cli/write-lines.js';

function written(lines: Iterable<string>): string {
  const parts: string[] = [];
  writeLines({ write: (text) => parts.push(String(text)) > 0 }, lines);
  return parts.join('');
}

const plain = Array.from({ length: 12_000 }, (_, i) => `/usr/share/file-${i}`);

test('every line, with its end; nothing of nothing', (t) => {
  t.is(written(plain), `${plain.join('\n')}\n`);
  t.is(written([]), '');
});

for (const [name, shown] of [['/a\nb', '/a\\nb'], ['/a\u001b[31m', '/a\\x1b[31m'], ['/a\udc80', '/a\\x80'], ['/a\ud800', '/a\\ud800'], ['/näme', '/näme'], ['', '']] as const) {
  test(`among plain lines ${JSON.stringify(name)} is ${JSON.stringify(shown)}`, (t) => {
    for (const at of [0, 499, 500, 11_999]) t.true(written(plain.with(at, name)) === `${plain.with(at, shown).join('\n')}\n`, `line ${at}`);
  });
}
