import test from 'ava';
import { DEFAULT_LIMITS } from '../../src/index.js';
import { readDocument, rowsOf } from './documents.js';

test('docs/limits.md has every limit with its default', async (t) => {
  const rows = rowsOf(await readDocument('docs/limits.md')).filter(([name]) => name?.startsWith('`'));
  t.deepEqual(Object.fromEntries(rows.map(([name = '', value]) => [name.replaceAll('`', ''), Number(value)])), { ...DEFAULT_LIMITS });
});
