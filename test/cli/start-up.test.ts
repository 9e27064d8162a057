import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { commandPath } from '../helpers/imgkit.js';
import { run } from '../helpers/run.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
const image = scratch.path('hello.tar');
const hook = scratch.path('hook.cjs');
test.before(async () => {
  await makeImage({ output: image });
  await writeFile(hook, `const before = new Set(process.moduleLoadList);
    process.on('exit', () => require('fs').writeFileSync(process.env.BUILT_IN, process.moduleLoadList.filter((name) => !before.has(name)).join('\\n')));`);
});
test.after.always(() => scratch.remove());

/** Packages, and the chunks of those that are bundled. */
const HEAVY = /\b(?:ssh2|node-forge|undici|openpgp|jose|basic-ftp|age-encryption|@peculiar\/x509|reflect-metadata|@noble|bcrypt-pbkdf|[a-z]*ftp-transport|http-transport|registry-s[a-z]+|gunzip-package|zstd(?:dec|-\w+)|xz-wasm)\b/;
/** What Node has that takes long to load. */
const SLOW = /^NativeModule (?:child_process|cluster|dgram|https?|http2|_http_\w+|inspector|readline|repl|sqlite|tls|worker_threads|zlib)$/;

interface Loaded {
  /** The scripts, whichever way they were loaded: V8's coverage names each of them. */
  readonly scripts: readonly string[];
  /** As `process.moduleLoadList` has them, without those of any start. */
  readonly builtIn: readonly string[];
}

async function loadedBy(words: string): Promise<Loaded> {
  const folder = scratch.path(`coverage-${words.replaceAll(/\W/g, '_')}`);
  const list = `${folder}.txt`;
  const args = words.split(' ').map((word) => (word === 'IMAGE' ? image : word));
  // Standard output goes where Node needs no network code for it.
  const { code, stderr } = await run('sh', ['-c', 'exec "$@" > /dev/null', 'sh', process.execPath, '--require', hook, join(commandPath, '../bundle/main.js'), ...args], {
    env: { NODE_V8_COVERAGE: folder, BUILT_IN: list, IMGKIT_HOME: scratch.path('home') },
  });
  if (code !== 0) throw new Error(stderr);
  const reports = await Promise.all((await readdir(folder)).map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as { readonly result: readonly { readonly url: string }[] }));
  return { scripts: [...new Set(reports.flatMap(({ result }) => result.map(({ url }) => url)))], builtIn: (await readFile(list, 'utf8')).split('\n') };
}

for (const words of [
  '--version', '--help', 'save --help', 'sign --help', 'help network', 'completion bash', 'list',
  'list IMAGE', 'inspect IMAGE', 'history IMAGE', 'digest IMAGE', 'verify IMAGE', 'files IMAGE', 'load IMAGE',
]) {
  test.serial(`imgkit ${words} loads nothing that only others need`, async (t) => {
    const { scripts, builtIn } = await loadedBy(words);
    t.true(scripts.some((url) => url.endsWith('bundle/main.js')), 'the coverage is of the command');
    t.deepEqual(scripts.filter((url) => url.includes('/node_modules/') || HEAVY.test(url)), []);
    t.deepEqual(builtIn.filter((name) => SLOW.test(name)), []);
    t.false(scripts.some((url) => url.endsWith('/yargs.js')), 'yargs is for mistakes only');
  });
}

const chunksOf = ({ scripts }: Loaded): readonly string[] => scripts.filter((url) => /cli\/bundle\/.*\.js$/.test(url));

test.serial('imgkit --version loads neither the library nor a command', async (t) => {
  const chunks = chunksOf(await loadedBy('--version'));
  t.true(chunks.length <= 4, chunks.join('\n'));
});

for (const words of ['list IMAGE --quiet', 'inspect IMAGE']) {
  test.serial(`imgkit ${words} is read in few pieces, and opens no stream that it does not write to`, async (t) => {
    const loaded = await loadedBy(words);
    t.true(chunksOf(loaded).length <= 6, chunksOf(loaded).join('\n'));
    t.true(loaded.builtIn.includes('NativeModule crypto'), 'the list is of the command');
    t.false(loaded.builtIn.includes('NativeModule net'), 'standard error is a pipe that nobody wrote to');
  });
}
