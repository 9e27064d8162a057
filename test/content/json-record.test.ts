import test from 'ava';
import { parseJson } from '../../src/content/json.js';
import { record, type JsonRecord } from '../../src/content/json-record.js';
import { isImgkitError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

const KNOWN = ['Config', 'size', 'labels', 'list', 'digest', 'flag', 'nested', 'kind'] as const;
type Field = (typeof KNOWN)[number];
const read = (text: string): JsonRecord<Field> => record(parseJson(Buffer.from(text), 'doc', DEFAULT_LIMITS), 'doc', KNOWN);

for (const twin of ['config', 'CONFIG', 'Ĳ', '\u017Fize', '\u212Aind', 'labelſ']) {
  const isTwin = twin !== 'Ĳ';
  test(`a key ${twin} ${isTwin ? 'is refused as a twin of a field' : 'is ignored'}`, t => {
    for (const text of [`{"Config":"A",${JSON.stringify(twin)}:"B"}`, `{${JSON.stringify(twin)}:"B"}`]) {
      if (!isTwin) t.notThrows(() => read(text));
      else t.regex(t.throws(() => read(text), { code: 'document-malformed' })?.message ?? '', /differs from the field \w+ only by case/);
    }
  });
}

test('free-form maps may differ by case, and hold any key', t => {
  const labels = read('{"labels":{"a":"1","A":"2","config":"3","__proto__":"4"}}').stringMap('labels');
  t.deepEqual([...labels], [['a', '1'], ['A', '2'], ['config', '3'], ['__proto__', '4']]);
});

for (const size of ['-1', '-0', '1.5', '9007199254740992', '9007199254740993', '1e300', '"1"', 'true', '[]']) {
  test(`the integer ${size} is refused`, t => {
    t.throws(() => read(`{"size":${size}}`).integer('size'), { code: 'document-malformed' });
  });
}

test('integers up to 2^53 - 1 are read', t => {
  t.is(read('{"size":0}').integer('size'), 0);
  t.is(read('{"size":9007199254740991}').integer('size'), Number.MAX_SAFE_INTEGER);
});

test('null is the same as missing', t => {
  for (const text of ['{}', '{"Config":null,"size":null,"labels":null,"list":null,"flag":null,"nested":null}']) {
    const fields = read(text);
    t.false(fields.has('Config'));
    t.is(fields.optionalString('Config'), undefined);
    t.is(fields.optionalInteger('size'), undefined);
    t.is(fields.optionalBoolean('flag'), undefined);
    t.is(fields.optionalRecord('nested', []), undefined);
    t.is(fields.optionalStringMap('labels'), undefined);
    t.is(fields.stringMap('labels').size, 0);
    t.deepEqual(fields.array('list'), []);
    t.throws(() => fields.string('Config'), { message: /doc: has no field Config/ });
  }
});

test('wrong types are refused and shown', t => {
  const fields = read('{"Config":1,"labels":{"a":1},"list":["a",1],"digest":"sha256:zz","flag":"true","nested":[]}');
  t.throws(() => fields.string('Config'), { message: /field Config must be a string, but is 1/ });
  t.throws(() => fields.stringMap('labels'), { code: 'document-malformed' });
  t.throws(() => fields.strings('list'), { code: 'document-malformed' });
  t.throws(() => fields.optionalBoolean('flag'), { code: 'document-malformed' });
  t.throws(() => fields.record('nested', []), { message: /doc, field nested: must be an object, but is a list/ });
  t.throws(() => fields.digest('digest'), { code: 'digest-malformed' });
  t.throws(() => read('[]'), { message: /must be an object/ });
});

test('a long value does not fill the error', t => {
  const error = t.throws(() => read(`{"size":"${'x'.repeat(5_000)}"}`).integer('size'));
  t.true(isImgkitError(error));
  t.true((error?.message.length ?? 999) < 250);
});
