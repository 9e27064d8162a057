import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { exitCodes } from '../../cli/exit-code.js';
import { errorIndex } from '../../cli/help/error-index.js';
import { withErrorTables } from '../../cli/help/error-pages.js';
import type { ErrorCode } from '../../src/index.js';
import { readDocument, rowsOf } from './documents.js';

const root = resolve(import.meta.dirname, '../../..');

/** The union as its source spells it: a type leaves nothing behind to ask at run time. */
async function unionMembers(): Promise<readonly string[]> {
  const source = await readFile(join(root, 'src/errors.ts'), 'utf8');
  const union = /export type ErrorCode =(.*?);/s.exec(source)?.[1] ?? '';
  return [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code as string);
}

/** Every source file of the library but the one that declares the codes. */
async function sources(): Promise<string> {
  const folders = await Promise.all(['src', 'formats'].map(async (folder) => (await readdir(join(root, folder), { recursive: true })).map((name) => join(root, folder, name))));
  const files = folders.flat().filter((name) => name.endsWith('.ts') && !name.endsWith('src/errors.ts'));
  return (await Promise.all(files.map((name) => readFile(name, 'utf8')))).join('\n');
}

test('docs/errors.md is what the index of errors gives (npm run docs)', async (t) => {
  const page = await readDocument('docs/errors.md');
  t.true(withErrorTables(page) === page, 'stale: npm run docs');
});

test('docs/errors.md has a row for every error code, and no other', async (t) => {
  const rows = rowsOf(await readDocument('docs/errors.md')).filter(([code]) => code?.startsWith('`'));
  t.deepEqual(rows.map(([code = '']) => code.replaceAll('`', '')).sort(), [...(await unionMembers())].sort());
  for (const [code, exit, cause, remedy] of rows) {
    t.is(Number(exit), exitCodes[(code ?? '').replaceAll('`', '') as ErrorCode], code);
    t.true((cause ?? '').length > 0 && (remedy ?? '').length > 0, code);
  }
});

test('every error code is used, and every sentence of the index is one', async (t) => {
  const text = await sources();
  for (const [code, { cause, remedy }] of Object.entries(errorIndex)) {
    t.true(text.includes(`'${code}'`), code);
    for (const sentence of [cause, remedy]) t.regex(sentence, /^[^a-z].*\.$/, code);
  }
});
