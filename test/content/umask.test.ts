import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { createAtomicFile } from '../../src/content/atomic-file.js';
import { currentUmask } from '../../src/content/umask.js';
import { writeKeyFile } from '../../src/crypto/keys/write-key-file.js';
import { tempFolder } from './temp.js';

test.serial('it is that of the process', async (t) => {
  const before = process.umask(0o027);
  try {
    t.is(await currentUmask(), 0o027);
  } finally {
    process.umask(before);
  }
});

test.serial('nothing sets it to find it out: other threads make files meanwhile', async (t) => {
  if (!existsSync('/proc/self/status')) {
    t.pass();
    return;
  }
  const folder = await tempFolder(t);
  const { umask } = process;
  process.umask = () => {
    throw new Error('process.umask() was called');
  };
  try {
    const file = await createAtomicFile(join(folder, 'a'), { overwrite: false });
    await file.commit();
    await writeKeyFile(join(folder, 'key.pub'), Buffer.from('key'), { secret: false });
    t.true(existsSync(join(folder, 'a')) && existsSync(join(folder, 'key.pub')));
  } finally {
    process.umask = umask;
  }
});

test('no other module asks the process for it', async (t) => {
  const root = resolve(import.meta.dirname, '../../..');
  for (const folder of ['src', 'formats', 'cli']) {
    for (const name of (await readdir(join(root, folder), { recursive: true })).filter((file) => file.endsWith('.ts'))) {
      if (name !== join('content', 'umask.ts')) t.notRegex(await readFile(join(root, folder, name), 'utf8'), /process\.umask/, name);
    }
  }
});
