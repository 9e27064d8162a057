import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { commandPath } from '../helpers/imgkit.js';
import { run } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const HEAVY = /\b(?:ssh2|node-forge|undici|openpgp|jose|basic-ftp|age-encryption|@peculiar\/x509|reflect-metadata)\b/;

/** The scripts that a call of the command loads, whichever way: V8's coverage names each of them. */
async function loadedBy(args: readonly string[]): Promise<readonly string[]> {
  const folder = scratch.path(`coverage-${args.join('-').replaceAll('/', '_')}`);
  const { code, stderr } = await run(process.execPath, [join(commandPath, '../bundle/main.js'), ...args], { env: { NODE_V8_COVERAGE: folder, IMGKIT_HOME: scratch.path('home') } });
  if (code !== 0) throw new Error(stderr);
  const reports = await Promise.all((await readdir(folder)).map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as { readonly result: readonly { readonly url: string }[] }));
  return reports.flatMap(({ result }) => result.map(({ url }) => url));
}

for (const words of ['--version', '--help', 'save --help', 'help network', 'list IMAGE', 'inspect IMAGE', 'history IMAGE', 'list', 'completion bash']) {
  test.serial(`imgkit ${words} loads no package that only others need`, async (t) => {
    const image = scratch.path('hello.tar');
    await makeImage({ output: image });
    const loaded = await loadedBy(words.split(' ').map((word) => (word === 'IMAGE' ? image : word)));
    t.true(loaded.some((url) => url.endsWith('bundle/main.js')), 'the coverage is of the command');
    t.deepEqual(loaded.filter((url) => url.includes('/node_modules/') || HEAVY.test(url)), []);
    t.false(loaded.some((url) => url.endsWith('/yargs.js')), 'yargs is for mistakes only');
  });
}

test.serial('imgkit --version loads neither the library nor a command', async (t) => {
  const chunks = (await loadedBy(['--version'])).filter((url) => /cli\/bundle\/.*\.js$/.test(url));
  t.true(chunks.length <= 4, chunks.join('\n'));
});
