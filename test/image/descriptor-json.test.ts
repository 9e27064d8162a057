import test from 'ava';
import type { Descriptor } from '../../src/content/descriptor.js';
import { digestOf } from '../../src/content/digest.js';
import { parseJson } from '../../src/content/json.js';
import { stringifyCanonical } from '../../src/content/json-write.js';
import { readDescriptor, writeDescriptor } from '../../src/image/descriptor-json.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

const content = Buffer.from('{}');
const base = { mediaType: 'text/plain', digest: digestOf(content), size: 2 };
const read = (value: object): Descriptor => readDescriptor(parseJson(Buffer.from(JSON.stringify(value)), 'doc', DEFAULT_LIMITS), 'doc');

test('writes the fields in one order, and back', t => {
  const text = JSON.stringify({
    ...base, urls: ['https://a/b'], annotations: { z: '1', a: '2' }, artifactType: 'a/b',
    platform: { architecture: 'arm64', os: 'linux', 'os.version': '1', 'os.features': ['x'], variant: 'v8' },
  });
  t.is(stringifyCanonical(writeDescriptor(read(JSON.parse(text) as object))), text);
  t.is(stringifyCanonical(writeDescriptor(read(base))), JSON.stringify(base));
});

test('an empty platform, as some tools write it, is none', t => {
  t.is(read({ ...base, platform: { architecture: '', os: '' } }).platform, undefined);
});

test('embedded data must be the content', t => {
  t.notThrows(() => read({ ...base, data: content.toString('base64') }));
  for (const data of ['e30', 'W10=', 'e30=e30=', '!!!', 'e3 0=']) t.throws(() => read({ ...base, data }), { message: /embeds data/ }, data);
});

for (const [name, change, code] of [
  ['no mediaType', { mediaType: undefined }, 'document-malformed'],
  ['an empty mediaType', { mediaType: '' }, 'document-malformed'],
  ['no size', { size: undefined }, 'document-malformed'],
  ['a fractional size', { size: 1.5 }, 'document-malformed'],
  ['a negative size', { size: -1 }, 'document-malformed'],
  ['a size of 2^53', { size: 2 ** 53 }, 'document-malformed'],
  ['no digest', { digest: null }, 'document-malformed'],
  ['a path for a digest', { digest: 'sha256:../../etc/passwd' }, 'digest-malformed'],
  ['an upper-case digest', { digest: base.digest.toUpperCase() }, 'digest-malformed'],
  ['a twin of digest', { Digest: base.digest }, 'document-malformed'],
  ['a twin in the platform', { platform: { os: 'linux', OS: 'linux', architecture: 'amd64' } }, 'document-malformed'],
  ['annotations that are no strings', { annotations: { a: 1 } }, 'document-malformed'],
] as const) {
  test(`refuses ${name}`, t => {
    t.throws(() => read({ ...base, ...change }), { code });
  });
}
