import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createAtomicFile } from '../../src/content/atomic-file.js';
import { requireSpace } from '../../src/content/free-space.js';
import { writeFully, writeFullySync } from '../../src/content/write-fully.js';
import { rejectsWith, sampleBytes } from './bytes.js';
import { currentUmask } from '../../src/content/umask.js';
import { tempFolder } from './temp.js';

const BYTES = sampleBytes(100_000);

test('the name shows the old file, then the new one, and nothing else is left', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'a.tar');
  await writeFile(path, 'old');
  const file = await createAtomicFile(path, { overwrite: true });
  t.regex(file.tempPath, /\/\.a\.tar\.[0-9a-f]+\.part$/);
  t.is((await stat(file.tempPath)).mode & 0o777, 0o600);
  await writeFully(file.handle, BYTES, 0, path);
  t.is(await readFile(path, 'utf8'), 'old');
  await file.commit();
  await file.discard();
  t.deepEqual(await readdir(folder), ['a.tar']);
  t.true(BYTES.equals(await readFile(path)));
  t.is((await stat(path)).mode & 0o777, 0o666 & ~(await currentUmask()));
});

test('discarded: nothing is left; safe twice', async (t) => {
  const folder = await tempFolder(t);
  const file = await createAtomicFile(join(folder, 'a'), { overwrite: true });
  await writeFully(file.handle, BYTES, 0, 'a');
  await file.discard();
  await file.discard();
  t.deepEqual(await readdir(folder), []);
});

test.serial('it is finished where it was begun, wherever the program goes meanwhile', async (t) => {
  const folder = await tempFolder(t);
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  for (const overwrite of [true, false]) {
    process.chdir(folder);
    const name = `a-${String(overwrite)}`;
    const [done, given] = [await createAtomicFile(name, { overwrite }), await createAtomicFile(name, { overwrite })];
    process.chdir(before);
    await done.commit();
    await given.discard();
  }
  t.deepEqual((await readdir(folder)).sort(), ['a-false', 'a-true']);
});

test('without overwrite an existing file is kept', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'a');
  const file = await createAtomicFile(path, { overwrite: false });
  const other = await createAtomicFile(path, { overwrite: false });
  await file.commit();
  await rejectsWith(t, 'file-exists', other.commit());
  await other.discard();
  t.deepEqual(await readdir(folder), ['a']);
  await rejectsWith(t, 'file-not-found', createAtomicFile(join(folder, 'absent', 'a'), { overwrite: true }));
});

test('a full disk is told, whole and in pieces', async (t) => {
  const full = await open('/dev/full', 'r+');
  t.teardown(() => full.close());
  const error = await rejectsWith(t, 'disk-full', writeFully(full, BYTES, 0, 'a.tar'));
  t.regex(error.message, /^a\.tar: .*disk/);
  t.throws(() => writeFullySync(full.fd, BYTES, 0, 'a.tar'), { message: /^a\.tar: .*disk/ });
});

test('short writes are gone on with', async (t) => {
  const folder = await tempFolder(t);
  const handle = await open(join(folder, 'a'), 'wx+');
  t.teardown(() => handle.close());
  const write = handle.write.bind(handle);
  const short = async (bytes: Uint8Array, offset: number, length: number, position: number): Promise<unknown> => write(bytes, offset, Math.min(length, 999), position);
  Object.assign(handle, { write: short });
  await writeFully(handle, BYTES, 3, 'a');
  t.true(BYTES.equals((await readFile(join(folder, 'a'))).subarray(3)));
  Object.assign(handle, { write: async () => ({ bytesWritten: 0 }) });
  await rejectsWith(t, 'disk-full', writeFully(handle, BYTES, 0, 'a'));
});

test('space is asked for before it is used', async (t) => {
  const folder = await tempFolder(t);
  await requireSpace(folder, 1);
  const error = await rejectsWith(t, 'disk-full', requireSpace(folder, 2 ** 52));
  t.regex(error.message, new RegExp(`${2 ** 52} bytes are needed and \\d+ are free`));
  await rejectsWith(t, 'file-not-found', requireSpace(join(folder, 'absent'), 1));
});

test('a name that is that of a folder, or too long, is refused before anything is written', async (t) => {
  const folder = await tempFolder(t);
  for (const [name, message] of [['new/', /is the name of a folder; name a file in it/], [`${'a'.repeat(300)}.tar`, /the name is too long for this file system, while creating it/]] as const) {
    await t.throwsAsync(createAtomicFile(`${folder}/${name}`, { overwrite: true }), { code: 'io-failed', message });
  }
  t.deepEqual(await readdir(folder), []);
});
