import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
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

test('a checksum and a signature that are named with their file go along with it, and get no checksum of their own', async (t) => {
  await mkdir(scratch.path('all'));
  await writeFile(scratch.path('b.txt'), 'hello');
  await writeFile(scratch.path('b.txt.sha256'), '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  b.txt\n');
  await writeFile(scratch.path('b.txt.sha256.sig'), 'SIG');
  const names = ['b.txt', 'b.txt.sha256', 'b.txt.sha256.sig'];
  const { stdout } = await imgkit(['send', ...names.map((name) => scratch.path(name)), folder('all'), '-q']);
  t.is(stdout, `${folder('all')}b.txt\n`);
  t.deepEqual((await readdir(scratch.path('all'))).toSorted(), names);
  // By itself it is a file like others.
  await imgkit(['send', scratch.path('b.txt.sha256.sig'), folder('drop')]);
  t.true((await readdir(scratch.path('drop'))).includes('b.txt.sha256.sig.sha256'));
});

test('a folder that fetch makes is as open as others are', async (t) => {
  await imgkit(['send', scratch.path('a.txt'), folder('drop')]);
  const { code } = await imgkit(['fetch', `${folder('drop')}a.txt`, '-o', scratch.path('new/below/')]);
  t.is(code, 0);
  const [made, plain] = await Promise.all([stat(scratch.path('new/below')), stat(scratch.path('drop'))]);
  t.is(made.mode, plain.mode);
});
