import test from 'ava';
import { blocksOf, openShell, readDocument } from './documents.js';

const blocks = blocksOf(await readDocument('docs/json.md'));

/** Where a document has what type of value: `images[].digest string`. What an object holds under names of its own counts as one. */
function shapeOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return [`${path} list`, ...value.flatMap((each) => shapeOf(each, `${path}[]`))];
  if (typeof value !== 'object' || value === null) return [`${path} ${typeof value}`];
  if (/labels$|annotations$|config$/.test(path)) return [`${path} object`];
  return Object.entries(value).flatMap(([key, each]) => shapeOf(each, `${path}.${key}`));
}

test('docs/json.md shows every command', (t) => {
  const text = blocks.filter(({ info }) => info === 'sh runnable').flatMap(({ lines }) => lines).join('\n');
  for (const name of ['save', 'load', 'copy', 'list', 'inspect', 'history', 'files', 'cat', 'diff', 'export', 'extract', 'append', 'edit', 'import', 'digest', 'report', 'keygen', 'sign', 'encrypt', 'logout', 'trust', 'send', 'fetch', 'verify', 'tag', 'rm', 'gc']) t.regex(text, new RegExp(`^imgkit ${name} .*--json`, 'm'));
});

for (const [i, block] of blocks.entries()) {
  if (block.info !== 'json') continue;
  const lines = blocks[i - 1]?.lines ?? [];
  test(`docs/json.md: ${lines.at(-1)} prints a document of that shape`, async (t) => {
    const shell = await openShell(t);
    let output = '';
    for (const line of lines) {
      const { stdout, stderr } = await shell(line);
      output = stdout === '' ? stderr : stdout;
    }
    const found = JSON.parse(output) as { readonly schemaVersion: number };
    t.is(found.schemaVersion, 1);
    t.deepEqual([...new Set(shapeOf(found))].sort(), [...new Set(shapeOf(JSON.parse(block.lines.join('\n'))))].sort());
  });
}
