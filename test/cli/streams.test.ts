import { mkdir } from 'node:fs/promises';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { isStream } from '../../cli/options/stream.js';
import { list } from '../../src/index.js';
import { run } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';
import { commandPath } from '../helpers/imgkit.js';

// Whatever way standard output is named as the place of an archive: it gets the archive and nothing else.
const scratch = makeScratch();
const hello = scratch.path('hello.tar');
test.before(async () => {
  await makeImage({ output: hello });
  await mkdir(scratch.path('site'));
  await scratch.write('site/index.html', 'hello');
});
test.after.always(() => scratch.remove());

for (const [i, args] of [
  ['load', hello, '--into', '-'],
  ['copy', hello, 'docker-archive:-'],
  ['copy', hello, 'oci-archive:-:hello:2'],
  ['save', hello, '-o', 'docker-archive:-'],
  ['import', scratch.path('site'), 'oci-archive:-:app:1'],
  ['edit', hello, '--env', 'A=b', '--', '-#hello:debug'],
].entries()) {
  test(`imgkit ${args[0]} ... ${args.at(-1)}: an archive and nothing else`, async (t) => {
    const output = scratch.path(`out-${i}.tar`);
    const { code, stderr } = await run('bash', ['-c', 'out=$1; shift; exec "$@" > "$out"', 'bash', output, process.execPath, commandPath, ...args]);
    t.is(code, 0, stderr);
    t.is((await list({ location: output })).images.length, 1);
    t.regex(stderr, /sha256:/);
  });
}

test('what means standard input and output', (t) => {
  for (const word of ['-', '-#app:1', '-#', 'docker-archive:-', 'docker-archive:-:app:1', 'oci-archive:-:x']) t.true(isStream(word), word);
  for (const word of ['-x', './-', 'oci:-', 'a-', '-#a#b', 'store:-', 'docker-archive:-x']) t.false(isStream(word), word);
});

test('watch sends no archives to where its events go', async (t) => {
  const { code, stderr } = await run(process.execPath, [commandPath, 'watch', `file://${scratch.folder}/`, '--once', '--into', '-']);
  t.is(code, 2, stderr);
  t.regex(stderr, /--into: standard output/);
});
