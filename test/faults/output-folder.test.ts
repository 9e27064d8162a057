import { chmod, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { faultLab } from './fault-lab.js';

test('a folder that is not there', async (t) => {
  const lab = await faultLab(t, 3);
  const { code, stderr } = await lab.imgkit(['save', lab.input, '-o', join(lab.output, 'nowhere/out.tar')]);
  t.is(code, 6, stderr);
  t.regex(stderr, /nowhere/);
  t.deepEqual(await lab.leftovers(), []);
});

test('a folder that may not be written to', async (t) => {
  const lab = await faultLab(t, 3);
  const locked = join(lab.output, 'locked');
  await mkdir(locked, { mode: 0o555 });
  // Root may write everywhere but here.
  const folder = process.getuid?.() === 0 ? '/proc' : locked;
  const { code, stderr } = await lab.imgkit(['save', lab.input, '-o', join(folder, 'out.tar')]);
  t.is(code, 6, stderr);
  t.regex(stderr, /out\.tar/);
  await chmod(locked, 0o755);
  t.deepEqual(await lab.leftovers(), ['locked']);
});

test('an output that is a folder, a device or a pipe is left as it is', async (t) => {
  const lab = await faultLab(t, 3);
  const folder = join(lab.output, 'folder.tar');
  await mkdir(folder);
  const pipe = join(lab.output, 'pipe.tar');
  await lab.shell(`mkfifo ${pipe}`);
  for (const path of [folder, pipe]) {
    const before = await lstat(path);
    const { code, stderr } = await lab.imgkit(['save', lab.input, '-o', path]);
    t.true(code === 2 || code === 6, `${code}: ${stderr}`);
    t.true(stderr.includes(path));
    t.is((await lstat(path)).ino, before.ino);
  }
  t.deepEqual((await lab.leftovers()).toSorted(), ['folder.tar', 'pipe.tar']);
});

test('an older file stays until the new one is complete', async (t) => {
  const lab = await faultLab(t, 3);
  const path = join(lab.output, 'out.tar');
  await writeFile(path, 'older');
  await writeFile(lab.path('broken.tar'), (await readFile(lab.input)).subarray(0, 100_000));
  t.is((await lab.imgkit(['copy', lab.path('broken.tar'), path])).code, 3);
  t.is(await readFile(path, 'utf8'), 'older');
  await lab.ok(['copy', lab.input, path]);
  await lab.ok(['verify', path]);
});

test('an archive may replace itself', async (t) => {
  const lab = await faultLab(t, 3);
  await lab.ok(['copy', lab.input, lab.input, '--compress', 'gzip']);
  t.regex(await lab.ok(['verify', lab.input]), /ok/i);
});

test('a store whose folder is a link, or a file', async (t) => {
  const lab = await faultLab(t, 3);
  await mkdir(lab.path('real'));
  await symlink('real', lab.path('link'));
  await lab.ok(['load', lab.input, '--store', lab.path('link')]);
  await lab.ok(['verify', 'store:', '--store', lab.path('real')]);
  const { code, stderr } = await lab.imgkit(['load', lab.input, '--store', lab.input]);
  t.is(code, 6, stderr);
});
