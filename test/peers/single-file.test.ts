import { copyFile, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { generateKey } from 'openpgp';
import { makeImage } from '../../samples/make-image.js';
import { run, runOrThrow } from '../helpers/run.js';

// The way of an image with nothing but one file, in an empty folder, without any network.
const root = resolve(import.meta.dirname, '../../..');
/** Four megabytes are written, packed and compiled: minutes where much else runs. */
const BUILD = { timeout: 280_000 };

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
  // The one package that is not inside.
  const { privateKey } = await generateKey({ userIDs: [{ name: 'Release', email: 'release@acme.example' }], format: 'armored' });
  await writeFile(join(folder, 'gpg.key'), privateKey, { mode: 0o600 });
  const gpg = await run('unshare', ['--net', '--', ...command, 'sign', 'carry.tar', '--format', 'gpg', '--key', 'gpg.key', '--lookaside', 'lookaside'], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } });
  t.is(gpg.code, 4, gpg.stderr);
  t.regex(gpg.stderr, /npm install openpgp/);
  const help = await imgkit('there', 'save', '--help');
  t.true(help.split('\n').every((line) => line.length <= 80), 'lines fit 80 columns');
  // Each by a package of its own.
  for (const protocol of ['sftp', 'ftps', 'https']) {
    const { code, stderr } = await run('unshare', ['--net', '--', ...command, 'fetch', `${protocol}://127.0.0.1:1/x.tar`], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } });
    t.is(code, 5, stderr);
    t.regex(stderr, /there is no way to its network|nothing listens/, protocol);
  }
}

test.serial('imgkit.mjs: one file, any Node, and the licences of what is in it', async (t) => {
  t.regex(await runOrThrow(process.execPath, [join(root, 'build-single.mjs')], BUILD), /imgkit\.mjs +\d+\.\d MB +starts in \d+ ms/);
  await demo(t, 'imgkit.mjs', [process.execPath, './imgkit.mjs']);
  const text = await readFile(join(root, 'dist/single/imgkit.mjs'), 'utf8');
  for (const name of ['undici', 'yargs', 'ssh2', 'basic-ftp', 'zstddec']) t.true(text.includes(`\n${name} `), name);
  t.false(text.includes('\nopenpgp '), 'the LGPL stays outside');
  t.false(/[^\t\n -~]/.test(text), 'V8 reads ASCII twice as fast');

  // Any name, and a link to it; what goes wrong is told with its place in the file.
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-single-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await copyFile(join(root, 'dist/single/imgkit.mjs'), join(folder, 'imgkit'));
  await symlink('imgkit', join(folder, 'ik'));
  t.regex(await runOrThrow(join(folder, 'ik'), ['--version']), /^\d+\.\d+\.\d+\n$/);
  const { stderr } = await run(join(folder, 'imgkit'), ['list', join(folder, 'none.tar')], { env: { IMGKIT_DEBUG: '1' } });
  const [, line = '', column = ''] = /imgkit:(\d+):(\d+)\)?$/m.exec(stderr) ?? [];
  t.regex(text.split('\n')[Number(line) - 1]?.slice(Number(column) - 1) ?? '', /^(?:new|throw)\b/, stderr);
});

test.serial('the executable: no Node beside it', async (t) => {
  t.regex(await runOrThrow(process.execPath, [join(root, 'build-single.mjs'), '--binary'], BUILD), /imgkit +\d+\.\d MB +starts in \d+ ms/);
  await demo(t, 'imgkit', ['./imgkit']);
});
