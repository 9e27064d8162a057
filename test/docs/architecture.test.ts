import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { readDocument } from './documents.js';

const root = resolve(import.meta.dirname, '../../..');

test('docs/architecture.md: every file, folder and name that it speaks of is there', async (t) => {
  const files = (await Promise.all(['src', 'formats', 'cli', 'samples', 'test'].map(async (folder) => (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name}`)))).flat();
  const sources = files.filter((name) => name.endsWith('.ts') && !name.startsWith('test/'));
  const code = (await Promise.all(sources.map((name) => readFile(join(root, name), 'utf8')))).join('\n');
  const words = [...(await readDocument('docs/architecture.md')).replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  const paths = words.filter((word) => /^[\w./-]+\.ts$/.test(word));
  t.true(paths.length >= 20);
  t.deepEqual(paths.filter((path) => !files.some((name) => name.endsWith(`/${path}`) || name === path)), []);
  const names = words.filter((word) => /^(?:[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)$/.test(word));
  t.true(names.length >= 20);
  t.deepEqual(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code)), []);
});

test('docs/architecture.md: the rooms are the folders of src', async (t) => {
  const drawing = /^```\n(cli\/.*?)^```$/ms.exec(await readDocument('docs/architecture.md'))?.[1] ?? '';
  const named = [...(/^src\/\n(.*?)^formats\//ms.exec(drawing)?.[1] ?? '').matchAll(/^ {2}([a-z]+)\/ /gm)].map(([, name]) => name);
  const folders = (await readdir(join(root, 'src'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  t.deepEqual(named.sort(), folders.sort());
});
