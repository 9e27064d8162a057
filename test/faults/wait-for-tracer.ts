// Preloaded with `node --import`, UV_THREADPOOL_SIZE=1: says on descriptor 3 which thread makes the asynchronous file calls, and
// waits until somebody traces it. Ends the process with 97 when nobody does within half a minute.
import { closeSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';

const CALLS = 100;
const status = (thread: string): string => readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
/** How often each thread but the main one has slept. */
const sleeps = (): ReadonlyMap<string, number> => new Map(readdirSync('/proc/self/task').filter((thread) => thread !== String(process.pid))
  .map((thread) => [thread, Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status(thread))?.[1])]));

const before = sleeps();
for (let i = 0; i < CALLS; i += 1) await stat('/');
// It sleeps between two calls; the others have nothing to do.
const [thread = ''] = [...sleeps()].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const).toSorted((a, b) => b[1] - a[1])[0] ?? [];
writeSync(3, thread);
closeSync(3);
const clock = new Int32Array(new SharedArrayBuffer(4));
const end = Date.now() + 30_000;
// The tracer stops the thread once before its calls are watched; a thread that sleeps again is.
for (let calm = 0; calm < 10;) {
  if (Date.now() > end) process.exit(97);
  Atomics.wait(clock, 0, 0, 2);
  calm = /^TracerPid:\s*[1-9]/m.test(status(thread)) && /^State:\s*S/m.test(status(thread)) ? calm + 1 : 0;
}
