import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { syncFolder } from '../../src/content/sync-folder.js';

test('a folder is synced, and one that is missing is told', async (t) => {
  await t.notThrowsAsync(syncFolder(import.meta.dirname));
  await t.throwsAsync(syncFolder(join(import.meta.dirname, 'missing')), { code: 'file-not-found' });
});

test('a file system that knows no sync of folders did what it can', async (t) => {
  await t.notThrowsAsync(syncFolder('/proc'));
});

test('so did a folder that this user may only drop files into', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'imgkit-drop-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o733);
  // Root may read everything: a process does it that was root when it started, and is nobody then.
  const program = `
    const { syncFolder } = await import(${JSON.stringify(new URL('../../src/content/sync-folder.js', import.meta.url).href)});
    const { open } = await import('node:fs/promises');
    if (process.getuid() === 0) process.setuid(65534);
    else (await import('node:fs')).chmodSync(process.argv[1], 0o333);
    console.log(await open(process.argv[1]).catch(({ code }) => code), await syncFolder(process.argv[1]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, folder], { encoding: 'utf8' });
  t.is(stdout, 'EACCES undefined\n', stderr);
});
