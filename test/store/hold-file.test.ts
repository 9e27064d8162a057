import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'ava';
import { newPartPath } from '../../src/content/part-file.js';
import { holdFile } from '../../src/store/hold-file.js';
import { isImgkitError } from '../../src/index.js';
import { tempFolder } from '../content/temp.js';

test('what a killed process left of making the lock goes with the next who takes it', async (t) => {
  const folder = await tempFolder(t);
  const lock = join(folder, 'a.lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  const name = basename(await newPartPath(lock));
  const at = '.a.lock.'.length + 14;
  await writeFile(join(folder, name.slice(0, at) + pid.toString(16).padStart(6, '0') + name.slice(at + 6)), '');
  const release = await holdFile(lock, (who) => who);
  t.deepEqual(await readdir(folder), ['a.lock']);
  await release();
  t.deepEqual(await readdir(folder), []);
});

test('whoever comes second is told who has it', async (t) => {
  const lock = join(await tempFolder(t), 'a.lock');
  const release = await holdFile(lock, (who) => `taken by ${who}.`);
  t.true(isImgkitError(await t.throwsAsync(holdFile(lock, (who) => `taken by ${who}.`), { message: new RegExp(`^taken by process ${process.pid} on .* delete .*a\\.lock\\.$`) }), 'store-locked'));
  await release();
  await (await holdFile(lock, (who) => who))();
});
