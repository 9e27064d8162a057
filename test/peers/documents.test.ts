import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { blocksOf, documentNames, readDocument } from '../docs/documents.js';
import { openDocumentWorld, type DocumentWorld } from './document-world.js';

// What the documents do with hosts, registries and an engine, done with real ones. Blocks that are `runnable` need nothing
// of that and run in test/docs, those for `peers` in signatures-guide; what sets up a checkout is what CI begins with.
const names = [...await documentNames(), 'samples/ftp-distribution/README.md'];
const blocks = (await Promise.all(names.map(async (name) => blocksOf(await readDocument(name)).map((block) => ({ name, ...block }))))).flat()
  .filter(({ info, lines }) => info === 'sh' && !lines.some((line) => /^(?:npm|node) /.test(line)));

/** Asks on a terminal, of which there is none here. */
const ASKS = /^imgkit login registry\.example:5000 /;

let world: DocumentWorld;
test.before(async () => { world = await openDocumentWorld(); });
test.after.always(() => world?.close());

for (const [index, { name, lines }] of blocks.entries()) {
  test.serial(`${name}: ${lines.find((line) => line.startsWith('imgkit '))?.replace(/ +#.*$/, '') ?? lines[0] ?? ''} (${index})`, async (t) => {
    const script = lines.filter((line) => !ASKS.test(line)).map(world.here).join('\n');
    const cwd = join(world.folder, `block-${index}`);
    await cp(world.base, cwd, { recursive: true });
    // No key is ever overwritten.
    if (script.includes('imgkit keygen')) await rm(join(cwd, 'keys'), { recursive: true });
    const { code, stdout, stderr } = await world.run(script, cwd);
    t.is(code, 0, `${script}\n${stdout}${stderr}`);
  });
}

test('there are such blocks', (t) => {
  t.true(blocks.length >= 20);
});
