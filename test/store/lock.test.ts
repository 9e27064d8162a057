import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { makePrivate } from '../../src/content/make-private.js';
import { controlFolder } from '../../src/store/control-folder.js';
import { withLock } from '../../src/store/lock.js';
import { newPartId } from '../../src/content/part-file.js';
import { thisProcess } from '../../src/content/process-identity.js';
import { firstOutput, killHard, startChild } from './child.js';
import { temporaryFolder } from './temporary-folder.js';

test('callers within a process run one after the other, in order', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  const seen: string[] = [];
  await Promise.all([1, 2, 3].map((i) => withLock(control, async () => {
    seen.push(`in ${String(i)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`out ${String(i)}`);
  })));
  t.deepEqual(seen, ['in 1', 'out 1', 'in 2', 'out 2', 'in 3', 'out 3']);
});

test('who is stopped while waiting in line goes at once, and those behind still wait for those before', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  const abort = new AbortController();
  const seen: string[] = [];
  let leave = (): void => undefined;
  let entered = (): void => undefined;
  const isIn = new Promise<void>((resolve) => { entered = resolve; });
  const first = withLock(control, async () => {
    entered();
    await new Promise<void>((resolve) => { leave = resolve; });
    seen.push('first');
  });
  await isIn;
  const second = withLock(control, async () => void seen.push('second'), { signal: abort.signal });
  const third = withLock(control, async () => void seen.push('third'));
  abort.abort();
  await t.throwsAsync(second, { code: 'interrupted' });
  t.deepEqual(seen, []);
  leave();
  await Promise.all([first, third]);
  t.deepEqual(seen, ['first', 'third']);
});

test('a failing section releases the lock', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await t.throwsAsync(withLock(control, () => Promise.reject(new Error('no'))), { message: 'no' });
  t.is(await withLock(control, async () => 1, { waitMs: 0 }), 1);
});

test('a lock that cannot be removed is told at once, and not waited for', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  // Something that unlink does not remove.
  const spoil = async (): Promise<void> => {
    await rm(control.lock);
    await mkdir(control.lock);
  };
  const error = await t.throwsAsync(withLock(control, spoil), { code: 'io-failed' });
  t.true(error?.message.includes(control.lock));
  await rm(control.lock, { recursive: true });
  await t.throwsAsync(withLock(control, () => spoil().then(() => Promise.reject(new Error('no')))), { message: 'no' });
});

test('several processes lose no update, and the control folder of a plain layout goes away', async (t) => {
  const folder = await temporaryFolder(t);
  await Promise.all([1, 2, 3, 4].map(() => startChild('count', folder, 40).done));
  t.is(await readFile(join(folder, 'counter'), 'utf8'), '160');
  t.deepEqual(await readdir(folder), ['counter']);
});

test('a held lock names its holder, and is taken over once that was killed', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  const child = startChild('hold-lock', control.layout);
  await firstOutput(child);
  const error = await t.throwsAsync(withLock(control, async () => 1, { waitMs: 50 }), { code: 'store-locked' });
  t.true(error.message.includes(`process ${String(child.process.pid)} on `));
  await killHard(child);
  t.is(await withLock(control, async () => 1, { waitMs: 0 }), 1);
  t.deepEqual(await readdir(control.folder), []);
});

test('many waiters take over one dead lock without losing an update', async (t) => {
  const folder = await temporaryFolder(t);
  for (let round = 0; round < 3; round += 1) {
    const dead = startChild('hold-lock', folder);
    await firstOutput(dead);
    const waiters = [1, 2, 3, 4].map(() => startChild('count', folder, 10));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await killHard(dead);
    await Promise.all(waiters.map(({ done }) => done));
  }
  t.is(await readFile(join(folder, 'counter'), 'utf8'), '120');
});

test('a pid that was reused by another process does not count as the holder', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await makePrivate(control.folder);
  await writeFile(control.lock, JSON.stringify({ nonce: '0123456789abcdef', ...(await thisProcess()), startTime: '1' }));
  t.is(await withLock(control, async () => 1, { waitMs: 0 }), 1);
});

test('a dead right to break a lock is itself broken', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await makePrivate(control.folder);
  const dead = { ...(await thisProcess()), startTime: '1' };
  await writeFile(control.lock, JSON.stringify({ nonce: '0123456789abcdef', ...dead }));
  await writeFile(join(control.folder, 'break-0123456789abcdef'), JSON.stringify({ nonce: 'aaaaaaaaaaaaaaaa', ...dead }));
  t.is(await withLock(control, async () => 1), 1);
  t.deepEqual(await readdir(control.folder), []);
});

test('a holder on another machine is never judged dead', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await makePrivate(control.folder);
  await writeFile(control.lock, JSON.stringify({ nonce: '0123456789abcdef', ...(await thisProcess()), startTime: '1', host: 'elsewhere' }));
  const error = await t.throwsAsync(withLock(control, async () => 1, { waitMs: 0 }), { code: 'store-locked' });
  t.true(error.message.includes('on elsewhere'));
});

test('an empty lock file is waited for when young and removed when old', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await makePrivate(control.folder);
  await writeFile(control.lock, '');
  await t.throwsAsync(withLock(control, async () => 1, { waitMs: 0 }), { code: 'store-locked' });
  await utimes(control.lock, new Date(0), new Date(0));
  t.is(await withLock(control, async () => 1, { waitMs: 0 }), 1);
});

test('a link that was taken for a lock on a full disk is waited for while its process runs, and taken over afterwards', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await makePrivate(control.folder);
  const id = await newPartId();
  await symlink(`0123456789abcdef.${id}`, control.lock);
  await t.throwsAsync(withLock(control, async () => 1, { waitMs: 0 }), { code: 'store-locked' });
  await rm(control.lock);
  // No process has this number.
  await symlink(`0123456789abcdef.${id.slice(0, 14)}ffffff${id.slice(20)}`, control.lock);
  t.is(await withLock(control, async () => 1, { waitMs: 0 }), 1);
  t.deepEqual(await readdir(control.folder), []);
});

test('an aborted wait ends with interrupted', async (t) => {
  const control = controlFolder(await temporaryFolder(t), { permanent: true });
  await t.throwsAsync(withLock(control, async () => 1, { signal: AbortSignal.abort() }), { code: 'interrupted' });
  await t.throwsAsync(stat(control.lock), { code: 'ENOENT' });
});
