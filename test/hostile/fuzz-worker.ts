import { parentPort, workerData } from 'node:worker_threads';
import { inputOf, parserTargets, problemWith } from './fuzz-parsers.js';

/** What the worker is to run, and what it tells: where it is, so that a case that never ends is known. */
export interface FuzzOrder {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly cases: number;
  /** One Int32: the case under way. */
  readonly at: SharedArrayBuffer;
}

const { target: name, seed, first, cases, at } = workerData as FuzzOrder;
const target = parserTargets().find((each) => each.name === name);
if (target === undefined) throw new Error(`there is no target ${name}`);
const place = new Int32Array(at);
for (let number = first; number < first + cases; number += 1) {
  Atomics.store(place, 0, number);
  const problem = await problemWith(target, inputOf(target, seed, number));
  if (problem !== undefined) parentPort?.postMessage(`${name}: seed ${seed}, case ${number}: ${problem}`);
}
