import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeImage } from '../../samples/make-image.js';
import { run, runOrThrow } from '../helpers/run.js';

// The way of an image with nothing but one file, in an empty folder, without any network.
const root = resolve(import.meta.dirname, '../../..');

async function demo(t: ExecutionContext, file: string, command: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-single-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await copyFile(join(root, 'dist/single', file), join(folder, file));
  const { name } = await makeImage({ output: join(folder, 'hello.tar') });
  const imgkit = (home: string, ...words: readonly string[]): Promise<string> =>
    runOrThrow('unshare', ['--net', '--', ...command, ...words], { cwd: folder, env: { IMGKIT_HOME: join(folder, home), PATH: process.env['PATH'] ?? '', NODE_PATH: undefined } });
  await imgkit('here', 'load', 'hello.tar');
  const sent = await imgkit('here', 'digest', name, '--quiet');
  await imgkit('here', 'save', name, '-o', 'carry.tar.zst', '--compress', 'zstd', '--force');
  t.regex(await imgkit('here', 'verify', 'carry.tar.zst'), /verified/);
  await imgkit('here', 'save', name, '-o', 'carry.tar');
  await imgkit('there', 'load', 'carry.tar');
  t.is(await imgkit('there', 'digest', name, '--quiet'), sent);
  t.regex(await imgkit('there', 'files', name), /motd/);
  await imgkit('there', 'keygen', '--type', 'ssh', '-o', 'keys');
  const key = (await readdir(join(folder, 'keys'))).find((each) => !each.endsWith('.pub') && !each.includes('allowed')) ?? '';
  await imgkit('there', 'sign', 'carry.tar', '--key', `keys/${key}`);
  const help = await imgkit('there', 'save', '--help');
  t.true(help.split('\n').every((line) => line.length <= 80), 'lines fit 80 columns');
  const wrong = await run('unshare', ['--net', '--', ...command, 'fetch', 'sftp://127.0.0.1:1/x.tar'], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } });
  t.is(wrong.code, 5, wrong.stderr);
}

test.serial('imgkit.mjs: one file, any Node, and the licences of what is in it', async (t) => {
  t.regex(await runOrThrow(process.execPath, [join(root, 'build-single.mjs')]), /imgkit\.mjs +\d+\.\d MB +starts in \d+ ms/);
  await demo(t, 'imgkit.mjs', [process.execPath, './imgkit.mjs']);
  const text = await readFile(join(root, 'dist/single/imgkit.mjs'), 'utf8');
  for (const name of ['undici', 'yargs', 'ssh2', 'basic-ftp', 'zstddec']) t.true(text.includes(`\n${name} `), name);
});

test.serial('the executable: no Node beside it', async (t) => {
  t.regex(await runOrThrow(process.execPath, [join(root, 'build-single.mjs'), '--binary']), /imgkit +\d+\.\d MB +starts in \d+ ms/);
  await demo(t, 'imgkit', ['./imgkit']);
});
