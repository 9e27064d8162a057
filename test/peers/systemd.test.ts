import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { run } from '../helpers/run.js';

const units = join(resolve(import.meta.dirname, '../../..'), 'samples/systemd');

test('systemd-analyze finds nothing wrong with the units, and finds a mistake', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'imgkit-systemd-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  // It wants the program to exist.
  const text = async (name: string): Promise<string> => (await readFile(join(units, name), 'utf8')).replaceAll('/usr/bin/imgkit', '/bin/true');
  const names = await readdir(units);
  for (const name of names) await writeFile(join(folder, name), await text(name));
  const verify = (paths: readonly string[]): ReturnType<typeof run> => run('systemd-analyze', ['verify', '--man=no', ...paths]);
  const { code, stderr } = await verify(names.map((name) => join(folder, name)));
  t.is(code, 0);
  t.is(stderr, '');

  await writeFile(join(folder, 'wrong.service'), (await text('imgkit-watch.service')).replace('KillSignal=', 'KillSignl='));
  t.regex((await verify([join(folder, 'wrong.service')])).stderr, /Unknown key(?: name)? 'KillSignl'/);
});
