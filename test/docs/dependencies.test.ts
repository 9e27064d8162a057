import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { readDocument, rowsOf } from './documents.js';

const root = resolve(import.meta.dirname, '../../..');

interface Package {
  readonly dev?: boolean;
  readonly license?: string;
  readonly licenses?: readonly { readonly type: string }[];
}

const read = async (path: string): Promise<Package> => JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8')) as Package;

test('docs/dependencies.md has every package that an installation brings, with its licence', async (t) => {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Package> };
  const installed = new Map<string, string>();
  for (const [path, { dev, license }] of Object.entries(packages)) {
    if (path === '' || dev === true) continue;
    // A few old packages have a list, which the lock file leaves out.
    const found = license ?? (await read(path)).licenses?.map(({ type }) => type).join(' OR ') ?? 'none';
    installed.set(path.replace(/^.*node_modules\//, ''), found.replace(/^\((.*)\)$/, '$1'));
  }
  const rows = rowsOf(await readDocument('docs/dependencies.md')).filter(([name]) => name?.startsWith('`'));
  t.deepEqual(Object.fromEntries(rows.map(([name = '', licence]) => [name.replaceAll('`', ''), licence])), Object.fromEntries(installed));
});
