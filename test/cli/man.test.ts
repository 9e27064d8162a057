import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { manPages } from '../../cli/man/pages.js';
import { roff } from '../../cli/man/roff.js';

const folder = join(resolve(import.meta.dirname, '../../..'), 'docs/man');

test('docs/man is what the command table gives (npm run docs)', async (t) => {
  const pages = await manPages();
  t.deepEqual((await readdir(folder)).sort(), [...pages.keys()].sort());
  for (const [name, text] of pages) t.is(await readFile(join(folder, name), 'utf8'), text, `${name} is stale: npm run docs`);
});

test('nothing in a text is taken for roff', (t) => {
  t.is(roff('.TH \\fB a-b \'c\' "d" ~/e'), '\\&.TH \\efB a\\-b \\(aqc\\(aq \\(dqd\\(dq \\(ti/e');
});
