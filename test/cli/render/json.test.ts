import test from 'ava';
import { renderJson, renderJsonError } from '../../../cli/render/json.js';
import { ImgkitError } from '../../../src/index.js';

test('the schema version comes first, the line end last', (t) => {
  const text = renderJson({ location: 'a.tar' });
  t.true(text.startsWith('{\n  "schemaVersion": 1,\n'));
  t.true(text.endsWith('}\n'));
});

test('maps become objects, even with a key named __proto__', (t) => {
  const document = JSON.parse(renderJson({ labels: new Map([['a', '1'], ['__proto__', '2']]) })) as { readonly labels: object };
  t.deepEqual(Object.entries(document.labels), [['a', '1'], ['__proto__', '2']]);
});

test('a bigint is a number where that is exact, else a string', (t) => {
  t.deepEqual(JSON.parse(renderJson({ small: 5n, large: 2n ** 64n })), { schemaVersion: 1, small: 5, large: '18446744073709551616' });
});

test('an error has code, message and details', (t) => {
  const error = new ImgkitError('tar-truncated', 'a.tar ends early.', { file: 'a.tar', offset: 512 });
  t.deepEqual(JSON.parse(renderJsonError(error)), {
    schemaVersion: 1,
    error: { code: 'tar-truncated', message: 'a.tar ends early.', details: { file: 'a.tar', offset: 512 } },
  });
});
