import test from 'ava';
import * as fc from 'fast-check';
import { parseJson, type JsonValue } from '../../src/content/json.js';
import { isImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS, resolveLimits } from '../../src/limits.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const parse = (text: string): JsonValue => parseJson(bytes(text), 'doc', DEFAULT_LIMITS);

/** A parsed value as JSON.parse would give it. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member as JsonValue)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

const refused: readonly (readonly [name: string, text: string | Uint8Array, offset: number, says: RegExp])[] = [
  ['nothing', '', 0, /ends too early/],
  ['white space alone', ' \n', 2, /ends too early/],
  ['a byte order mark', '\uFEFF{}', 0, /byte order mark/],
  ['trailing data', '{} x', 3, /data after the end/],
  ['a second document', '{}{}', 2, /data after the end/],
  ['a trailing NUL', '{}\0', 2, /data after the end/],
  ['a duplicate key', '{"é":1,"é":2}', 8, /twice/],
  ['a duplicate key, escaped', '{"a":1,"\\u0061":2}', 7, /twice/],
  ['a deep duplicate key', '[{"x":{"a":1,"a":1}}]', 13, /twice/],
  ['a trailing comma in a list', '[1,]', 3, /expected a JSON value/],
  ['a trailing comma in an object', '{"a":1,}', 7, /expected a key/],
  ['a bare key', '{a:1}', 1, /expected a key/],
  ['a missing colon', '{"a" 1}', 5, /colon/],
  ['a missing comma', '[1 2]', 3, /comma/],
  ['an unclosed object', '{"a":1', 6, /closing brace/],
  ['a comment', '/**/1', 0, /expected a JSON value/],
  ['a leading zero', '01', 1, /data after the end/],
  ['a plus sign', '+1', 0, /expected a JSON value/],
  ['a bare point', '.5', 0, /expected a JSON value/],
  ['an open fraction', '[1.]', 2, /comma/],
  ['hexadecimal', '0x10', 1, /data after the end/],
  ['NaN', 'NaN', 0, /expected a JSON value/],
  ['Infinity', '-Infinity', 0, /expected a JSON value/],
  ['1e400', '[1e400]', 1, /out of range/],
  ['half a high surrogate', '"\\ud800"', 1, /surrogate/],
  ['half a low surrogate', '"\\udc00"', 1, /surrogate/],
  ['swapped surrogates', '"\\udc00\\ud800"', 1, /surrogate/],
  ['two high surrogates', '"\\ud800\\ud800"', 1, /surrogate/],
  ['a raw NUL in a string', '"a\0"', 2, /control character/],
  ['a raw newline in a string', '"a\n"', 2, /control character/],
  ['an unknown escape', '"\\x41"', 1, /unknown escape/],
  ['a short unicode escape', '"\\u12"', 1, /\\u escape/],
  ['an open string', '"abc', 4, /ends inside a string/],
  ['a backslash at the end', '"\\', 1, /unknown escape/],
  ['a word cut short', 'tru', 0, /expected a JSON value/],
  ['a capital word', 'True', 0, /expected a JSON value/],
  ['invalid UTF-8', Uint8Array.of(0x22, 0xef, 0xbf, 0xbd, 0xff, 0x22), 4, /not UTF-8/],
  ['UTF-8 of a surrogate', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 1, /not UTF-8/],
  ['overlong UTF-8', Uint8Array.of(0x22, 0xc0, 0x80, 0x22), 1, /not UTF-8/],
  ['UTF-8 cut short', Uint8Array.of(0x22, 0x61, 0xc3), 2, /not UTF-8/],
  ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0), 0, /not UTF-8/],
];

for (const [name, text, offset, says] of refused) {
  test(`refuses ${name}`, t => {
    const error = t.throws(() => parseJson(typeof text === 'string' ? bytes(text) : text, 'doc', DEFAULT_LIMITS));
    t.true(isImgkitError(error, 'document-malformed'), String(error));
    if (!isImgkitError(error)) return;
    t.regex(error.message, says);
    t.regex(error.message, /^doc: .*byte \d+/);
    t.is(error.details.offset, offset);
  });
}

test('refuses nesting beyond the limit, however deep', t => {
  t.notThrows(() => parse('['.repeat(64) + ']'.repeat(64)));
  for (const text of ['['.repeat(65) + ']'.repeat(65), '['.repeat(1_000_000), '{"a":'.repeat(1_000_000)]) {
    t.true(isImgkitError(t.throws(() => parse(text)), 'limit-exceeded'));
  }
  const lifted = resolveLimits({ jsonDepth: Number.MAX_SAFE_INTEGER });
  t.true(isImgkitError(t.throws(() => parseJson(bytes('['.repeat(1_000_000)), 'doc', lifted)), 'limit-exceeded'));
});

test('a key __proto__ is an ordinary key', t => {
  const value = parse('{"__proto__":{"polluted":true},"constructor":1}') as ReadonlyMap<string, JsonValue>;
  t.deepEqual([...value.keys()], ['__proto__', 'constructor']);
  t.is(({} as { polluted?: boolean }).polluted, undefined);
});

test('keys that differ by case are two keys', t => {
  t.is((parse('{"a":1,"A":2}') as ReadonlyMap<string, JsonValue>).size, 2);
});

test('keeps numbers, escapes and white space as JSON has them', t => {
  t.true(Object.is(parse('-0'), -0));
  t.is(parse(' 1.5e+3\r\n'), 1500);
  t.is(parse('9007199254740992'), 2 ** 53);
  t.is(parse('1e-400'), 0);
  t.is(parse('"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\ud83d\\ude00é\u2028"'), '"\\/\b\f\n\r\t\0😀é\u2028');
});

test('reads what JSON.stringify writes', t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 10 }), value => {
    const text = JSON.stringify(value);
    t.deepEqual(plain(parse(text)), JSON.parse(text));
  }));
  t.pass();
});

test('agrees with JSON.parse about mutated documents, or throws an ImgkitError', t => {
  const mutation = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(fc.property(fc.jsonValue(), fc.array(mutation, { minLength: 1, maxLength: 4 }), (value, mutations) => {
    const mutated = bytes(JSON.stringify(value));
    for (const [at, byte] of mutations) mutated[at % mutated.length] = byte;
    let read: JsonValue;
    try {
      read = parseJson(mutated, 'doc', DEFAULT_LIMITS);
    } catch (error) {
      if (!isImgkitError(error)) throw error;
      return;
    }
    t.deepEqual(plain(read), JSON.parse(Buffer.from(mutated).toString('utf8')));
  }), { numRuns: 500 });
  t.pass();
});

test('never crashes on arbitrary bytes', t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), input => {
    try {
      parseJson(input, 'doc', DEFAULT_LIMITS);
    } catch (error) {
      if (!isImgkitError(error)) throw error;
    }
  }), { numRuns: 1_000 });
  t.pass();
});
