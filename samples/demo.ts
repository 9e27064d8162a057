// The whole way of an image, with the real command: from a docker-save archive into a store, out of it into a file,
// and into a store "on the other side" that has never seen it. Run it with: npm run demo
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImage } from './make-image.js';

const command = join(import.meta.dirname, '../cli/main.js');

/** Runs one command in `folder` with the store in `home`; its output goes where ours goes, or is returned. Throws unless it exits with 0. */
async function imgkit(folder: string, home: string, words: readonly string[], output: 'show' | 'read' = 'show'): Promise<string> {
  console.log(`$ imgkit ${words.join(' ')}`);
  const child = spawn(process.execPath, [command, ...words], {
    cwd: folder,
    env: { ...process.env, IMGKIT_HOME: join(folder, home) },
    stdio: ['ignore', output === 'show' ? process.stdout : 'pipe', process.stdout],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  console.log(text);
  if (code !== 0) throw new Error(`imgkit ${words[0]} exited with ${code}`);
  return text;
}

async function demo(folder: string): Promise<void> {
  const { name } = await makeImage({ output: join(folder, 'hello.tar') });
  console.log(`hello.tar is a docker-save archive with ${name}, made from samples/hello.\n`);

  console.log('# Here');
  const here = (...words: readonly string[]): Promise<string> => imgkit(folder, 'here', words);
  await here('load', 'hello.tar');
  await here('list');
  const sent = await imgkit(folder, 'here', ['digest', name, '--quiet'], 'read');
  await here('save', name, '-o', 'carry.tar');
  await here('verify', 'carry.tar');

  console.log('# On the other side, where the store is empty');
  const there = (...words: readonly string[]): Promise<string> => imgkit(folder, 'there', words);
  await there('load', 'carry.tar');
  await there('list');
  await there('history', name);
  const received = await imgkit(folder, 'there', ['digest', name, '--quiet'], 'read');
  if (received !== sent) throw new Error('the digests of the two sides differ');
}

const folder = await mkdtemp(join(tmpdir(), 'imgkit-demo-'));
try {
  await demo(folder);
  console.log('It worked: the image on the other side has the digest that it had here.');
} catch (error) {
  console.error(`The demo failed: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
