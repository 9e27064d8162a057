import test from 'ava';
import * as fc from 'fast-check';
import { formatStatement } from '../../../src/crypto/sign/format-statement.js';
import { parseStatement } from '../../../src/crypto/sign/parse-statement.js';
import { nameProblem } from '../../../src/crypto/sign/statement-name.js';
import { isImgkitError } from '../../../src/errors.js';

const A = 'a'.repeat(64);
const B = '0'.repeat(64);
const parse = (text: string | Uint8Array) => parseStatement(typeof text === 'string' ? Buffer.from(text) : text, 'S');

test('a statement is what sha256sum reads, with sizes as comments', (t) => {
  const bytes = formatStatement({ entries: [{ name: 'app.tar', digest: `sha256:${A}`, size: 10 }, { name: 'b\\c', digest: `sha256:${B}` }] });
  t.is(Buffer.from(bytes).toString(), `# size 10 app.tar\n${A}  app.tar\n\\${B}  b\\\\c\n`);
});

for (const [text, names] of [
  [`${A}  x\n`, ['x']],
  [`${A} *x\n`, ['x']],
  [`${A}  x y\n${B}  *y\n`, ['x y', '*y']],
  [`\\${A}  x\\\\y\n`, ['x\\y']],
  [`${A}  x\\y\n`, ['x\\y']],
  [`# made by hand\n${A}  x\n#\n# size 5 x\n`, ['x']],
  [`${A}  ü.tar\n`, ['ü.tar']],
  [`${A}  # size 5\n`, ['# size 5']],
] as const) {
  test(`reads ${JSON.stringify(text.replaceAll(A, 'A').replaceAll(B, 'B'))}`, (t) => {
    t.deepEqual(parse(text).entries.map(({ name }) => name), [...names]);
  });
}

for (const [i, [text, says]] of ([
  ['', /no file was named/], ['\n', /no checksum/], ['# nothing\n', /no file was named/],
  [`${A}  x`, /cut short/], [`${A}  x\r\n`, /Windows/], [`${A}  x\n\n`, /no checksum/], [`${A} x\n`, /no checksum/], [`${A}\tx\n`, /no checksum/],
  [`${A.toUpperCase()}  x\n`, /no checksum/], [`${A.slice(1)}  x\n`, /no checksum/], [`${A}a  x\n`, /no checksum/], [` ${A}  x\n`, /no checksum/],
  [`SHA256 (x) = ${A}\n`, /no checksum/], [`${A}  \n`, /no checksum/], [`${A}  x\n${B}  x\n`, /line 2 names "x" again/], [`${A}  x\n${A}  x\n`, /again/],
  [`\\${A}  a\\\\b\n${A}  a\\b\n`, /again/],
  [`${A}  /etc/passwd\n`, /path/], [`${A}  ../x\n`, /path/], [`${A}  a/b\n`, /path/], [`${A}  ..\n`, /folder/], [`${A}  .\n`, /folder/], [`${A}  -\n`, /standard input/],
  [`${A}  a\0b\n`, /control/], [`${A}  a\x1b[2Jb\n`, /control/], [`${A}  a\u202eb\n`, /invisible/], [`${A}  a\u200bb\n`, /invisible/], [`${A}   a\n`, /space/], [`${A}  a \n`, /space/],
  [`${A}  ${'n'.repeat(256)}\n`, /longer than 255/], [`\\${A}  a\\nb\n`, /escapes/], [`\\${A}  a\\\n`, /escapes/], [`\\${A}  a\\tb\n`, /escapes/],
  [`# size 5 x\n`, /no file was named|no checksum/], [`# size 5 y\n${A}  x\n`, /which has no checksum/], [`# size 5 x\n# size 5 x\n${A}  x\n`, /size of "x" again/],
  [`# size -1 x\n${A}  x\n`, /tells no size/], [`# size 05 x\n${A}  x\n`, /tells no size/], [`# size 5\n${A}  x\n`, /tells no size/], [`#size 5 x\n${A}  x\n`, /tells no size/],
  [`# size 9007199254740993 x\n${A}  x\n`, /tells no size/], [`# Size 5 x\n${A}  x\n`, /tells no size/],
  [`\ufeff${A}  x\n`, /no checksum/],
] as const).entries()) {
  test(`refuses ${i + 1}: ${JSON.stringify(text.replaceAll(A, 'A').replaceAll(B, 'B').slice(0, 60))} (${says.source})`, (t) => {
    const error = t.throws(() => parse(text), { code: 'statement-malformed' });
    t.regex(error?.message ?? '', says);
  });
}

test('bounded in bytes and names, and no text but UTF-8', (t) => {
  t.throws(() => parse(Buffer.alloc(1024 * 1024 + 1, 0x61)), { code: 'limit-exceeded' });
  const lines = Array.from({ length: 10_001 }, (_, i) => `${A}  ${i}\n`);
  t.is(parse(lines.slice(1).join('')).entries.length, 10_000);
  t.throws(() => parse(lines.join('')), { code: 'limit-exceeded' });
  t.throws(() => parse(Buffer.concat([Buffer.from(`${A}  `), Uint8Array.of(0xff, 0x0a)])), { code: 'statement-malformed' });
});

test('formatting refuses names that reading would refuse', (t) => {
  const entry = { name: 'x', digest: `sha256:${A}` } as const;
  t.throws(() => formatStatement({ entries: [entry, entry] }), { code: 'usage' });
  for (const name of ['', '.', '..', '-', 'a/b', 'a\nb', ' a', '\ud800']) t.throws(() => formatStatement({ entries: [{ ...entry, name }] }), { code: 'usage' }, JSON.stringify(name));
});

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}` as const);
const entry = fc.record({ name: fc.string({ unit: 'binary', maxLength: 40 }).filter((name) => nameProblem(name) === undefined), digest, size: fc.option(fc.nat(), { nil: undefined }) });

test('what is formatted reads back the same', (t) => {
  fc.assert(fc.property(fc.uniqueArray(entry, { minLength: 1, maxLength: 8, selector: ({ name }) => name }), (entries) => {
    const found = parse(formatStatement({ entries })).entries;
    t.deepEqual(found.map(({ name, digest: each, size }) => ({ name, digest: each, size })), entries);
  }), { numRuns: 200 });
});

test('any bytes are read or refused, and what is read is safe to use as file names', (t) => {
  const line = fc.tuple(fc.constantFrom(A, B, A.toUpperCase(), `\\${A}`, '#', '# size 1', ''), fc.constantFrom('  ', ' *', ' ', '\t'), fc.string({ unit: 'binary', maxLength: 12 })).map((parts) => parts.join(''));
  fc.assert(fc.property(fc.array(line, { maxLength: 6 }).map((lines) => `${lines.join('\n')}\n`), (text) => {
    try {
      for (const { name } of parse(text).entries) t.is(nameProblem(name), undefined);
    } catch (error) {
      t.true(isImgkitError(error, 'statement-malformed'), String(error));
    }
  }), { numRuns: 500 });
});
