import { readFile, stat } from 'node:fs/promises';
import test from 'ava';
import { writeKeyFile } from '../../../src/crypto/keys/write-key-file.js';
import { rejectsWith } from '../../content/bytes.js';
import { makeScratch } from '../../helpers/scratch.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

test('a key file is private from the start, and never overwritten', async (t) => {
  const old = process.umask(0);
  try {
    await writeKeyFile(scratch.path('new.key'), Buffer.from('secret'), { secret: true });
    await writeKeyFile(scratch.path('new.pub'), Buffer.from('public'), { secret: false });
  } finally {
    process.umask(old);
  }
  t.is((await stat(scratch.path('new.key'))).mode & 0o777, 0o600);
  t.is((await stat(scratch.path('new.pub'))).mode & 0o777, 0o644);
  await rejectsWith(t, 'file-exists', writeKeyFile(scratch.path('new.key'), Buffer.from('other'), { secret: true }));
  t.is(await readFile(scratch.path('new.key'), 'utf8'), 'secret');
  t.deepEqual((await scratch.tree()).filter((name) => name.endsWith('.part')), []);
});
