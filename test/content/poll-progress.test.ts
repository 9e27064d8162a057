import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { pollProgress } from '../../src/content/poll-progress.js';

test('what another thread advances is told, until the end', async (t) => {
  const done = new BigInt64Array(new SharedArrayBuffer(8));
  const told: number[] = [];
  const poll = pollProgress(done, (count) => told.push(count), () => t.fail());
  Atomics.store(done, 0, 7n);
  while (told.length === 0) await delay(10);
  poll.check();
  poll.end();
  const { length } = told;
  await delay(120);
  t.deepEqual(new Set(told), new Set([7]));
  t.is(told.length, length);
});

test('what the listener throws stops the work, and is thrown where it is checked: the first of it', async (t) => {
  const calls: number[] = [];
  let stops = 0;
  const poll = pollProgress(new BigInt64Array(1), () => { throw new Error(`call ${calls.push(1)}`); }, () => { stops += 1; });
  while (calls.length < 2) await delay(10);
  t.true(stops >= 1);
  t.throws(() => poll.check(), { message: 'call 1' });
  poll.end();
});
