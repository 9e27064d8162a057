import { mkdir, stat, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { makeScratch } from '../helpers/scratch.js';
import { imgkit } from './helpers.js';

const scratch = makeScratch();
const folder = (name: string): string => `${pathToFileURL(scratch.path(name)).href}/`;

test.before(async () => {
  await mkdir(scratch.path('drop'));
  await writeFile(scratch.path('a.txt'), 'hello');
});
test.after.always(() => scratch.remove());

test('with --quiet the URLs that have their file go to stdout, and why others have not to stderr', async (t) => {
  const { code, stdout, stderr } = await imgkit(['send', scratch.path('a.txt'), folder('drop'), folder('gone'), '--quiet']);
  t.is(code, 6);
  t.is(stdout, `${folder('drop')}a.txt\n`);
  t.regex(stderr, /^FAILED +file:\S*\/gone\/a\.txt +5 B\n/);
  t.regex(stderr.replaceAll(/\s+/g, ' '), /is not there; make it/);
});

test('a folder that fetch makes is as open as others are', async (t) => {
  await imgkit(['send', scratch.path('a.txt'), folder('drop')]);
  const { code } = await imgkit(['fetch', `${folder('drop')}a.txt`, '-o', scratch.path('new/below/')]);
  t.is(code, 0);
  const [made, plain] = await Promise.all([stat(scratch.path('new/below')), stat(scratch.path('drop'))]);
  t.is(made.mode, plain.mode);
});
