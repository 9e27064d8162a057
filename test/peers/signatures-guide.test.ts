import test from 'ava';
import { blocksOf, openShell, readDocument } from '../docs/documents.js';

const blocks = blocksOf(await readDocument('docs/guides/sign-and-verify.md')).filter(({ info }) => info === 'sh runnable' || info === 'sh peers');

test('the guide to signatures: the lines for receivers without imgkit work', async (t) => {
  t.true(blocks.filter(({ info }) => info === 'sh peers').length >= 3);
  const shell = await openShell(t);
  for (const line of blocks.flatMap(({ lines }) => lines)) {
    const expected = Number(/# exit (\d+)$/.exec(line)?.[1] ?? 0);
    const { code, stdout, stderr } = await shell(line);
    t.is(code, expected, `${line}\n${stdout}${stderr}`);
  }
});
