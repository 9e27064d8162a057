import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { syncAhead } from '../../src/content/sync-ahead.js';
import { tempFolder } from './temp.js';

const pace = { everyMs: 1, bytes: 1024 };

/** A file that grows whenever it is looked at, and what was asked of it. */
function growing(datasync: () => Promise<void> = async () => undefined) {
  const calls: string[] = [];
  let blocks = 0;
  return {
    calls,
    stat: async () => ({ blocks: (blocks += 1) }) as never,
    datasync: async () => {
      calls.push('datasync');
      await datasync();
    },
    sync: async () => void calls.push('sync'),
  };
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await delay(1);
}

test('what was written is synced on the way, one sync at a time, and all of it at the end', async (t) => {
  let busy = 0;
  const file = growing(async () => {
    t.is(busy += 1, 1);
    await delay(5);
    busy -= 1;
  });
  const ahead = syncAhead(file, pace);
  await until(() => file.calls.length >= 3);
  await ahead.finish();
  const { length } = file.calls;
  t.deepEqual(file.calls.slice(-2), ['datasync', 'sync']);
  await delay(20);
  t.is(file.calls.length, length, 'nothing is asked of it afterwards');
});

test.serial('as long as enough is new, one sync follows the other without another look at the clock', async (t) => {
  const { setInterval: real } = globalThis;
  const looks: (() => void)[] = [];
  globalThis.setInterval = ((look: () => void) => (looks.push(look), { unref: () => undefined })) as never;
  t.teardown(() => { globalThis.setInterval = real; });
  let left = 6;
  const file = growing();
  const ahead = syncAhead({ ...file, stat: async () => ((left -= 1) > 0 ? file.stat() : ({ blocks: 0 } as never)) }, { everyMs: 1, bytes: 512 });
  globalThis.setInterval = real;
  looks[0]?.();
  await until(() => left === 0);
  t.is(file.calls.length, 5);
  await ahead.stop();
});

test('an error that a sync on the way met is not lost: the system would not tell it again', async (t) => {
  const file = growing(() => Promise.reject(Object.assign(new Error('worn out'), { code: 'EIO' })));
  const ahead = syncAhead(file, pace);
  await until(() => file.calls.length > 0);
  await t.throwsAsync(ahead.finish(), { message: 'worn out' });
  t.deepEqual(file.calls, ['datasync']);
});

test('stopping asks for nothing more and tells no error', async (t) => {
  const file = growing(() => Promise.reject(new Error('worn out')));
  const ahead = syncAhead(file, pace);
  await until(() => file.calls.length > 0);
  await t.notThrowsAsync(ahead.stop());
  t.deepEqual(file.calls, ['datasync']);
});

test('files wait for one another with their syncs, and none with its end', async (t) => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => { release = resolve; });
  const [first, second] = [growing(() => held), growing()];
  let looked = 0;
  const ahead = syncAhead(first, pace);
  await until(() => first.calls.length > 0);
  const behind = syncAhead({ ...second, stat: () => second.stat().finally(() => { looked += 1; }) }, pace);
  await until(() => looked > 0);
  await delay(1);
  await behind.finish();
  t.deepEqual(second.calls, ['sync']);
  release();
  await ahead.finish();
  t.deepEqual(first.calls.slice(0, 1).concat(first.calls.slice(-1)), ['datasync', 'sync']);
  t.deepEqual(second.calls, ['sync'], 'nor is its turn used afterwards');
});

test('a real file: only what takes room on the disk counts', async (t) => {
  const handle = await open(join(await tempFolder(t), 'file'), 'wx');
  const calls: string[] = [];
  const ahead = syncAhead({ stat: () => handle.stat() as never, datasync: async () => void calls.push('datasync'), sync: () => handle.sync() }, { everyMs: 1, bytes: 1024 * 1024 });
  try {
    await handle.truncate(1024 ** 3);
    await delay(20);
    t.deepEqual(calls, []);
    await handle.write(Buffer.alloc(2 * 1024 * 1024, 'a'), 0, 2 * 1024 * 1024, 0);
    await until(() => calls.length > 0);
    await t.notThrowsAsync(ahead.finish());
  } finally {
    await handle.close();
  }
});
