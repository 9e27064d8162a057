import { Worker } from 'node:worker_threads';
import test from 'ava';
import { createRingMemory, SLOT_BYTES, SLOTS, viewRing, type ThreadRead, type ThreadReply } from '../../src/content/thread-ring.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';
import { sampleBytes, sha256 } from './bytes.js';
import { tempFile } from './temp.js';

test('a slot is seen to be free though the wake-up for it got lost', async (t) => {
  const stored = sampleBytes(SLOTS * SLOT_BYTES + 1);
  const { fd } = await tempFile(t, stored);
  const memory = createRingMemory();
  const { free } = viewRing(memory);
  Atomics.store(free, 0, SLOTS);
  const worker = new Worker(new URL('../../src/content/read-worker.js', import.meta.url), { workerData: memory, execArgv: [] });
  t.teardown(() => worker.terminate());
  let slots = 0;
  const digest = new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (reply: ThreadReply) => {
      if ('error' in reply) reject(new Error(reply.error.message));
      if ('digest' in reply) resolve(reply.digest);
      if (!('slot' in reply)) return;
      slots += 1;
      // By then the thread waits for the first of them; nobody tells it.
      if (slots === SLOTS) setTimeout(() => Atomics.add(free, 0, 1), 100);
    });
  });
  worker.postMessage({ name: 'blob', input: { fd, offset: 0, length: stored.length }, compression: 'none', hashStored: 'sha256', hashPlain: false, limits: DEFAULT_LIMITS } satisfies ThreadRead);
  t.is(await digest, sha256(stored));
  t.is(slots, SLOTS + 1);
});
