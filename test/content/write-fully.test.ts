import { open, readFile, type FileHandle } from 'node:fs/promises';
import test from 'ava';
import { writeAllFully } from '../../src/content/write-fully.js';
import { makeScratch } from '../helpers/scratch.js';
import { rejectsWith } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const pieces = ['one', '', 'three', 'seven'].map((text) => Buffer.from(text));

for (let taken = 0; taken <= 13; taken += 1) {
  test(`of several pieces the system takes ${taken} bytes at first: all get where they belong`, async (t) => {
    const path = await scratch.write(`${taken}`, Buffer.from('before'));
    const handle = await open(path, 'r+');
    // A nearly full disk, or a signal, makes a write end early.
    const hasty = new Proxy(handle, {
      get: (target, key) => key !== 'writev' ? Reflect.get(target, key).bind?.(target) : async (all: readonly Uint8Array[], at: number) => ({ bytesWritten: (await target.write(Buffer.concat(all).subarray(0, taken), 0, taken, at)).bytesWritten }),
    }) as FileHandle;
    t.is(await writeAllFully(hasty, pieces, 6, 'out'), 13);
    await handle.close();
    t.is(await readFile(path, 'latin1'), 'beforeonethreeseven');
  });
}

test('a full disk is said', async (t) => {
  const handle = await open('/dev/full', 'w');
  t.regex((await rejectsWith(t, 'disk-full', writeAllFully(handle, pieces, 0, 'out'))).message, /^out: /);
  await handle.close();
});
