import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { runConcurrently } from '../../src/content/concurrent.js';

test('starts no more at once than the limit, in order, and every item once', async (t) => {
  const started: number[] = [];
  let running = 0;
  let most = 0;
  await runConcurrently([1, 2, 3, 4, 5], { limit: 2 }, async (item) => {
    started.push(item);
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  });
  t.deepEqual(started, [1, 2, 3, 4, 5]);
  t.is(most, 2);
});

test('starts the dearest first, and leaves the list as it was', async (t) => {
  const items = [2, 9, 5];
  const started: number[] = [];
  await runConcurrently(items, { limit: 1, cost: (item) => item }, (item) => Promise.resolve(void started.push(item)));
  t.deepEqual(started, [9, 5, 2]);
  t.deepEqual(items, [2, 9, 5]);
});

test('the first failure stops the others, starts no more, and is told when all have ended', async (t) => {
  const ended: string[] = [];
  const failed = await t.throwsAsync(
    runConcurrently(['good', 'bad', 'never'], { limit: 2 }, async (item, stop) => {
      await turn();
      if (item === 'bad') throw new Error('the first');
      if (!stop.aborted) await once(stop, 'abort');
      await turn();
      ended.push(item);
      throw new Error('interrupted by the first');
    }),
  );
  t.is(failed.message, 'the first');
  t.deepEqual(ended, ['good']);
});

test("the caller's signal reaches all that run", async (t) => {
  const caller = new AbortController();
  const stopped: number[] = [];
  await runConcurrently([1, 2], { limit: 2, signal: caller.signal }, async (item, stop) => {
    if (item === 2) caller.abort();
    if (!stop.aborted) await once(stop, 'abort');
    stopped.push(item);
  });
  t.deepEqual(stopped.toSorted(), [1, 2]);
});
