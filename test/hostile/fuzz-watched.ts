import { Worker } from 'node:worker_threads';
import type { FuzzOrder } from './fuzz-worker.js';

/** Processor milliseconds after which a case counts as one that never ends: on a busy machine a clock would say so of good ones. */
const STUCK_MS = 30_000;
/** How often it is looked at, and how often until one that waits for something counts as well. */
const LOOK_MS = 30_000;
const MOST_LOOKS = 40;
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
    let looks = 0;
    let before = process.cpuUsage();
    const watch = setInterval(() => {
      const now = Atomics.load(place, 0);
      const { user, system } = process.cpuUsage(before);
      looks += 1;
      if (now === seen && ((user + system) / 1000 > STUCK_MS || looks > MOST_LOOKS)) {
        stop('did not end');
        void worker.terminate();
      }
      if (now === seen) return;
      [seen, looks, before] = [now, 0, process.cpuUsage()];
    }, LOOK_MS);
    const stop = (why: string | undefined): void => {
      clearInterval(watch);
      resolve(why === undefined ? undefined : { at: Atomics.load(place, 0), why });
    };
    worker.on('message', (finding: string) => findings.push(finding));
    worker.on('error', (error) => stop(`ended the thread: ${String(error.stack ?? error)}`));
    worker.on('exit', (code) => stop(code === 0 ? undefined : `ended the thread with ${code}`));
  });
}
