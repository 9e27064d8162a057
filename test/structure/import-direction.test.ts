import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

const root = resolve(import.meta.dirname, '../../..');

/** Rooms of src from the ground up: each may import those before it, and itself. */
const ORDER = ['errors', 'limits', 'progress', 'deflate', 'content', 'tar', 'image', 'filesystem', 'network', 'store', 'registry', 'engine', 'crypto', 'policy', 'transport', 'operations', 'report', 'api', 'index'];
/** Rooms on one floor, which do not know each other. */
const FLOOR = new Set(['store', 'registry', 'engine', 'crypto', 'policy', 'transport']);

interface Import {
  readonly from: string;
  readonly to: string;
}

async function importsOf(folder: string): Promise<readonly Import[]> {
  const names = (await readdir(join(root, folder), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const imports: Import[] = [];
  for (const name of names) {
    const from = join(folder, name);
    const text = await readFile(join(root, from), 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
      imports.push({ from, to: relative(root, resolve(root, dirname(from), target)).replace(/\.js$/, '.ts') });
    }
  }
  return imports;
}

const room = (path: string): string => (path.split('/')[1] ?? '').replace(/\.ts$/, '');

test('rooms of src import only what lies below them', async (t) => {
  const wrong = (await importsOf('src')).filter(({ from, to }) => {
    if (!to.startsWith('src/') || room(from) === room(to)) return false;
    const [a, b] = [room(from), room(to)];
    return !ORDER.includes(a) || !ORDER.includes(b) || ORDER.indexOf(b) > ORDER.indexOf(a) || (FLOOR.has(a) && FLOOR.has(b));
  });
  t.deepEqual(wrong, []);
});

test('only the facade and its calls import the formats', async (t) => {
  const wrong = (await importsOf('src')).filter(({ from, to }) => to.startsWith('formats/') && room(from) !== 'api' && from !== 'src/index.ts');
  t.deepEqual(wrong, []);
});

test('nothing under src or formats imports the facade', async (t) => {
  const imports = [...(await importsOf('src')), ...(await importsOf('formats'))];
  t.deepEqual(imports.filter(({ to, from }) => to === 'src/index.ts' || (to.startsWith('src/api/') && !from.startsWith('src/api/') && from !== 'src/index.ts')), []);
});

for (const folder of ['cli', 'samples']) {
  test(`${folder} imports only the facade`, async (t) => {
    const wrong = (await importsOf(folder)).filter(({ to }) => !to.startsWith(`${folder}/`) && to !== 'src/index.ts');
    t.deepEqual(wrong, []);
  });
}

test('no file is longer than 300 lines', async (t) => {
  const long: string[] = [];
  for (const folder of ['src', 'formats', 'cli', 'samples', 'test']) {
    for (const name of (await readdir(join(root, folder), { recursive: true })).filter((file) => file.endsWith('.ts'))) {
      const lines = (await readFile(join(root, folder, name), 'utf8')).split('\n').length - 1;
      if (lines > 300) long.push(`${folder}/${name}: ${lines}`);
    }
  }
  t.deepEqual(long, []);
});
