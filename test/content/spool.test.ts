import { constants } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import test from 'ava';
import { openScratch, spool } from '../../src/content/spool.js';
import { makeScratch } from '../helpers/scratch.js';

const scratch = makeScratch();
const folder = scratch.path('tmp');
const before = process.env['TMPDIR'];
test.before(() => void (process.env['TMPDIR'] = folder));
test.after.always(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  scratch.remove();
});

/** Whether files here can be made without a name (O_TMPFILE). */
async function nameless(): Promise<boolean> {
  const handle = await open(folder, 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR, 0o600).catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}

test.serial('a temporary file: nobody else reads it, nothing shows in the folder, and where the system can it never had a name', async (t) => {
  const handle = await openScratch('stdin');
  t.teardown(() => handle.close());
  t.deepEqual(await readdir(folder), []);
  t.is((await handle.stat()).mode & 0o777, 0o600);
  if (process.platform === 'linux') t.regex(await readlink(`/proc/self/fd/${handle.fd}`), (await nameless()) ? /\/#\d+ \(deleted\)$/ : /\.spool \(deleted\)$/);
});

test.serial('what was spooled can be read anywhere', async (t) => {
  const source = await spool('stdin', (async function* () { yield Buffer.from('hello '); yield Buffer.from('world'); })());
  t.teardown(() => source.close());
  t.is(source.size, 11);
  t.is(Buffer.from(await source.read(6, 5)).toString(), 'world');
});

test.serial('a folder for temporary files that is not there is named', async (t) => {
  process.env['TMPDIR'] = scratch.path('no-such');
  t.teardown(() => void (process.env['TMPDIR'] = folder));
  await t.throwsAsync(openScratch('stdin'), { code: 'file-not-found', message: /no-such: there is no such folder for temporary files/ });
});
