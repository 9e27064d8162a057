import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { openFileTransport } from '../../../src/transport/file/file-transport.js';
import { transportContract } from '../../contract/transport-suite.js';

transportContract(test, 'file', {
  abilities: { readRange: true, append: true, list: true, rename: 'replace', hash: true, partial: 'after-close' },
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'imgkit-test-'));
    return {
      folder,
      open: async () => openFileTransport(),
      readBack: (path) => readFile(path).catch(() => undefined),
      async plant(path, bytes) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, bytes);
      },
      stop: () => rm(folder, { recursive: true }),
    };
  },
});

test('a file gets its name in a folder that this user may only drop files into', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'imgkit-drop-'));
  t.teardown(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });
  chmodSync(folder, 0o733);
  // Root may read everything: a process does it that was root when it started, and is nobody then.
  const program = `
    const { openFileTransport } = await import(${JSON.stringify(new URL('../../../src/transport/file/file-transport.js', import.meta.url).href)});
    if (process.getuid() === 0) process.setuid(65534);
    else (await import('node:fs')).chmodSync(process.argv[1], 0o333);
    const transport = openFileTransport();
    await transport.write(process.argv[1] + '/.part', (async function* () { yield Buffer.from('all'); })());
    for (const replace of [false, true]) console.log(await transport.rename(process.argv[1] + (replace ? '/name' : '/.part'), process.argv[1] + (replace ? '/other' : '/name'), { replace }).catch(({ message }) => message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, folder], { encoding: 'utf8' });
  t.is(stdout, 'undefined\nundefined\n', stderr);
});
