import test from 'ava';
import * as fc from 'fast-check';
import { parseJson } from '../../src/content/json.js';
import { stringifyCanonical, type JsonWritable } from '../../src/content/json-write.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

test('keeps the order given, drops undefined and writes Maps', t => {
  t.is(stringifyCanonical({ b: 1, a: undefined, m: new Map([['2', 'x'], ['1', 'y'], ['__proto__', 'z']]), l: [null, true] }),
    '{"b":1,"m":{"2":"x","1":"y","__proto__":"z"},"l":[null,true]}');
});

test('refuses numbers that JSON cannot hold', t => {
  t.throws(() => stringifyCanonical({ a: [Number.NaN] }), { instanceOf: TypeError });
});

test('writes back bit for bit what parseJson read', t => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), value => {
    const text = JSON.stringify(value);
    t.is(stringifyCanonical(parseJson(Buffer.from(text), 'doc', DEFAULT_LIMITS) as JsonWritable), text);
  }));
  t.pass();
});
