import test from 'ava';
import { blocksOf, documentNames, openShell, readDocument } from './documents.js';

const names = await documentNames();

test('the documents hold commands', async (t) => {
  const blocks = (await Promise.all(names.map(readDocument))).flatMap(blocksOf);
  t.true(blocks.filter(({ info }) => info === 'sh runnable').length >= 10);
});

for (const name of names) {
  const blocks = blocksOf(await readDocument(name)).filter(({ info }) => info === 'sh runnable');
  for (const [i, { lines }] of blocks.entries()) {
    test(`${name}: the commands of block ${i + 1} work`, async (t) => {
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
