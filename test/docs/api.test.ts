import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { runOrThrow } from '../helpers/run.js';

const root = resolve(import.meta.dirname, '../../..');

test('docs/api.md is what build-api.mjs makes of the doc comments', async (t) => {
  const made = await runOrThrow(process.execPath, [join(root, 'build-api.mjs'), '--print']);
  t.true((await readFile(join(root, 'docs/api.md'), 'utf8')) === made, 'run: node build.mjs && node build-api.mjs');
  t.true(made.split('\n').filter((line) => line.startsWith('### ')).length > 100);
});
