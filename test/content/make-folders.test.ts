import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeFolders } from '../../src/content/make-folders.js';

function folder(t: { teardown(undo: () => void): void }): string {
  const made = mkdtempSync(join(tmpdir(), 'imgkit-folders-'));
  t.teardown(() => rmSync(made, { recursive: true }));
  return made;
}

test('missing folders are made with the mode, and the topmost of them is told', async (t) => {
  const base = folder(t);
  t.is(await makeFolders(join(base, 'a/b/c'), 0o700), join(base, 'a'));
  for (const path of ['a', 'a/b', 'a/b/c']) t.is(statSync(join(base, path)).mode & 0o777, 0o700);
  t.is(await makeFolders(join(base, 'a/b/c'), 0o700), undefined);
  t.is(await makeFolders(join(base, 'a/d'), 0o700), join(base, 'a/d'));
  t.is(await makeFolders('/', 0o700), undefined);
});

test('a link to a folder is one; a file is none, nor a link to nothing', async (t) => {
  const base = folder(t);
  symlinkSync(base, join(base, 'link'));
  symlinkSync('nothing', join(base, 'dangling'));
  writeFileSync(join(base, 'file'), '');
  t.is(await makeFolders(join(base, 'link'), 0o700), undefined);
  t.is(await makeFolders(join(base, 'link/x/y'), 0o700), join(base, 'link/x'));
  await t.throwsAsync(makeFolders(join(base, 'file'), 0o700), { code: 'EEXIST' });
  await t.throwsAsync(makeFolders(join(base, 'dangling'), 0o700), { code: 'EEXIST' });
  await t.throwsAsync(makeFolders(join(base, 'file/x'), 0o700), { code: 'ENOTDIR' });
});

test('a place that takes no folder says so, as /proc and automounters do with ENOENT', (t) => {
  // In a process of its own: what tries for ever keeps a thread busy that nothing can stop.
  const program = `
    const { makeFolders } = await import(${JSON.stringify(new URL('../../src/content/make-folders.js', import.meta.url).href)});
    console.log(await makeFolders('/proc/imgkit-a/b/c').catch(({ code }) => code));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
  t.is(stdout, 'ENOENT\n', stderr);
});
