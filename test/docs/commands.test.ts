import test from 'ava';
import { blocksOf, documentNames, openShell, readDocument } from './documents.js';

// ava wants every test declared in one go: all reading comes first.
const names = await documentNames();
const documents = await Promise.all(names.map(async (name) => ({ name, blocks: blocksOf(await readDocument(name)).filter(({ info }) => info === 'sh runnable') })));

test('the documents hold commands', (t) => {
  t.true(documents.flatMap(({ blocks }) => blocks).length >= 10);
});

for (const { name, blocks } of documents) {
  for (const [i, { lines }] of blocks.entries()) {
    // One after the other: each line is a process, and there are over a hundred.
    test.serial(`${name}: the commands of block ${i + 1} work`, async (t) => {
      const shell = await openShell(t);
      for (const line of lines.filter((each) => each.startsWith('imgkit '))) {
        const expected = Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0);
        const { code, stderr } = await shell(line);
        t.is(code, expected, `${line}\n${stderr}`);
        t.notRegex(stderr, /Unexpected/, line);
      }
    });
  }
}
