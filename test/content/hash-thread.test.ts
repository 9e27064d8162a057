import { open, type FileHandle } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import test from 'ava';
import { WriteThread } from '../../src/content/write-thread.js';
import { makeScratch } from '../helpers/scratch.js';
import { rejectsWith, sampleBytes, sha256 } from './bytes.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const bytes = sampleBytes(700_000);
const started: Worker[] = [];
process.on('worker', (worker: Worker) => started.push(worker));

async function writers(count: number): Promise<{ readonly threads: WriteThread[]; readonly handles: FileHandle[] }> {
  const handles = await Promise.all(Array.from({ length: count }, (_, i) => open(scratch.path(`out-${i}`), 'w')));
  return { handles, threads: handles.map((handle, i) => new WriteThread({ handle, name: `out-${i}` })) };
}

test.serial('many files: no more threads than processors, and the next files get the same', async (t) => {
  for (let round = 0; round < 2; round += 1) {
    const { threads, handles } = await writers(2 * availableParallelism() + 1);
    for (const thread of threads) await thread.write(bytes);
    for (const thread of threads) t.is(await thread.finish(), sha256(bytes));
    for (const thread of threads) await thread.close();
    for (const handle of handles) await handle.close();
    t.true(started.length <= availableParallelism(), `${started.length} threads`);
  }
});

test.serial('a thread that dies takes its files with it, and no later one', async (t) => {
  const { threads, handles } = await writers(availableParallelism());
  await Promise.all(started.map((worker) => worker.terminate()));
  for (const [i, thread] of threads.entries()) {
    const error = await rejectsWith(t, 'io-failed', thread.finish());
    t.regex(error.message, new RegExp(`^out-${i}: the thread that hashed it stopped`));
    await thread.close();
  }
  const later = new WriteThread({ handle: handles[0] as FileHandle, name: 'later' });
  await later.write(bytes);
  t.is(await later.finish(), sha256(bytes));
  await later.close();
  for (const handle of handles) await handle.close();
});
