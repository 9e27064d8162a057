import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { exitCodes } from '../../cli/exit-code.js';
import type { ErrorCode } from '../../src/index.js';
import { readDocument, rowsOf } from './documents.js';

/** The union as its source spells it: a type leaves nothing behind to ask at run time. */
async function unionMembers(): Promise<readonly string[]> {
  const source = await readFile(join(resolve(import.meta.dirname, '../../..'), 'src/errors.ts'), 'utf8');
  const union = /export type ErrorCode =(.*?);/s.exec(source)?.[1] ?? '';
  return [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code as string);
}

test('docs/errors.md has a row for every error code, and no other', async (t) => {
  const rows = rowsOf(await readDocument('docs/errors.md')).filter(([code]) => code?.startsWith('`'));
  t.deepEqual(rows.map(([code = '']) => code.replaceAll('`', '')).sort(), [...(await unionMembers())].sort());
  for (const [code, , cause, remedy] of rows) t.true((cause ?? '').length > 0 && (remedy ?? '').length > 0, code);
});

test('docs/errors.md gives the exit codes of the command line', async (t) => {
  const rows = rowsOf(await readDocument('docs/errors.md')).filter(([code]) => code?.startsWith('`'));
  for (const [code = '', exit] of rows) t.is(Number(exit), exitCodes[code.replaceAll('`', '') as ErrorCode], code);
});
