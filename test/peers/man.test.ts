import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { run, runOrThrow } from '../helpers/run.js';

const folder = join(resolve(import.meta.dirname, '../../..'), 'docs/man');
const pages = (await readdir(folder)).map((name) => join(folder, name));

test('mandoc finds nothing to warn of', async (t) => {
  // The macros for sections are there for others than us to complain: names of other manuals, dates.
  const { stdout } = await run('mandoc', ['-T', 'lint', '-W', 'warning', ...pages]);
  t.is(stdout, '');
});

test('groff formats every page without a warning', async (t) => {
  for (const page of pages) {
    const { code, stderr } = await run('groff', ['-man', '-Tutf8', '-ww', '-z', page]);
    t.is(code, 0);
    t.is(stderr, '', page);
  }
});

test('man shows a page as it is meant to be read', async (t) => {
  const shown = await runOrThrow('man', ['-l', join(folder, 'imgkit-save.1')], { env: { MANWIDTH: '80', MANPAGER: 'cat', PAGER: 'cat', LC_ALL: 'C.UTF-8', TERM: 'dumb' } });
  const text = shown.replaceAll(/.\u0008/g, '');
  t.regex(text, /^NAME\n +imgkit-save - write images into one archive$/m);
  t.regex(text, /^ +imgkit save image \.\.\. \[options\]$/m);
  t.regex(text, /^ +-o, --output FILE$/m);
  t.regex(text, /^ +imgkit save docker-daemon:app:1\.9\.6 -o app\.tar$/m);
  t.true(text.split('\n').every((line) => [...line].length <= 80));
});

test('man breaks no word that one would type or search for', async (t) => {
  const shown = await runOrThrow('man', ['-l', join(folder, 'imgkit.1')], { env: { MANWIDTH: '80', MANPAGER: 'cat', PAGER: 'cat', LC_ALL: 'C.UTF-8', TERM: 'dumb' } });
  const text = shown.replaceAll(/.\u0008/g, '');
  for (const word of ['signature-invalid', 'statement-malformed', 'location-ambiguous', 'app.tar.sha256.sig']) t.true(text.includes(word), word);
  t.notRegex(text, /\u2010$/m);
});
