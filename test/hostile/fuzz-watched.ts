import { Worker } from 'node:worker_threads';
import type { FuzzOrder } from './fuzz-worker.js';

/** Wall-clock milliseconds after which a case counts as one that never ends. Long: the machine may be busy. */
const STUCK_MS = 60_000;
const HEAP_MEBIBYTES = 512;

/**
 * Runs cases of one parser in a thread of its own, so that one that never ends or takes all memory is a finding and not the
 * end of the run: that case is skipped. Resolves with the findings.
 */
export async function fuzzWatched(order: Omit<FuzzOrder, 'at'>): Promise<readonly string[]> {
  const findings: string[] = [];
  const end = order.first + order.cases;
  for (let first = order.first; first < end;) {
    const stopped = await runUntilStopped({ ...order, first, cases: end - first }, findings);
    if (stopped === undefined) break;
    findings.push(`${order.target}: seed ${order.seed}, case ${stopped.at}: ${stopped.why}`);
    first = stopped.at + 1;
  }
  return findings;
}

function runUntilStopped(order: Omit<FuzzOrder, 'at'>, findings: string[]): Promise<{ readonly at: number; readonly why: string } | undefined> {
  const at = new SharedArrayBuffer(4);
  const place = new Int32Array(at);
  place[0] = order.first;
  const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { workerData: { ...order, at }, resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES } });
  return new Promise((resolve) => {
    let seen = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(place, 0);
      if (now === seen) {
        stop('did not end');
        void worker.terminate();
      }
      seen = now;
    }, STUCK_MS);
    const stop = (why: string | undefined): void => {
      clearInterval(watch);
      resolve(why === undefined ? undefined : { at: Atomics.load(place, 0), why });
    };
    worker.on('message', (finding: string) => findings.push(finding));
    worker.on('error', (error) => stop(`ended the thread: ${String(error.stack ?? error)}`));
    worker.on('exit', (code) => stop(code === 0 ? undefined : `ended the thread with ${code}`));
  });
}
