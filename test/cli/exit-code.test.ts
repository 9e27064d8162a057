import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { EXIT, exitCodeOf, exitCodes } from '../../cli/exit-code.js';

test('every error code has an exit code, and the groups agree with the comments of errors.ts', async (t) => {
  const source = await readFile(fileURLToPath(new URL('../../../src/errors.ts', import.meta.url)), 'utf8');
  const union = /type ErrorCode =([^;]*);/.exec(source.replaceAll(/\/\/ exit (\d+)[^\n]*/g, '@$1'))?.[1] ?? '';
  const expected: Record<string, number> = {};
  let exit = 0;
  for (const [, number, code] of union.matchAll(/@(\d+)|'([a-z-]+)'/g)) {
    if (number !== undefined) exit = Number(number);
    else if (code !== undefined) expected[code] = exit;
  }
  t.true(Object.keys(expected).length > 20);
  t.deepEqual({ ...exitCodes }, expected);
});

test('the numbers are those of the documentation', (t) => {
  t.deepEqual({ ...EXIT }, { done: 0, no: 1, usage: 2, input: 3, refused: 4, network: 5, io: 6, interrupted: 130 });
});

test('of diff, 1 is an answer: an image that is not there is 2', (t) => {
  t.deepEqual([exitCodeOf('image-not-found', 'diff'), exitCodeOf('image-not-found', 'list'), exitCodeOf('digest-mismatch', 'diff')], [2, 1, 3]);
});
