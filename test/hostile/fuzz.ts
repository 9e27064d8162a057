// npm run fuzz [-- CASES [SEED [FIRST]]]: mutated archives against verify and load. Prints the seed, so that a failure can be run again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzz } from './fuzz-run.js';

const [cases = 10_000, seed = Math.floor(Math.random() * 2 ** 31), first = 0] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'imgkit-fuzz-'));
console.log(`fuzz: ${cases} cases, seed ${seed}, from ${first}`);
const STEP = 500;
let accepted = 0;
let failed = 0;
for (let at = first; at < first + cases; at += STEP) {
  const count = Math.min(STEP, first + cases - at);
  const result = await fuzz(folder, seed, count, at);
  accepted += result.accepted;
  failed += result.failures.length;
  for (const line of result.failures) console.log(line);
  console.log(`fuzz: ${at + count - first} of ${cases} done, ${accepted} accepted, ${failed} failed`);
}
if (failed === 0) await rm(folder, { recursive: true });
else console.log(`the archives are kept in ${folder}`);
console.log(`${cases - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
