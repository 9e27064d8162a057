import test from 'ava';
import { verify } from '../../src/index.js';
import { makeScratch } from '../helpers/scratch.js';
import { mutate, Random } from './fuzz-mutations.js';
import { fuzz, seeds } from './fuzz-run.js';

const scratch = makeScratch();
test.after.always(() => scratch.remove());

const CASES = Number(process.env['IMGKIT_FUZZ_CASES'] ?? 300);
/** Every version of Node takes cases of its own. */
const SEED = Number(process.env['IMGKIT_FUZZ_SEED'] ?? 20_240_101 + Number.parseInt(process.versions.node, 10));

test('the archives that are mutated are right', async (t) => {
  for (const [i, bytes] of seeds().entries()) t.true((await verify({ target: await scratch.write(`seed${i}.tar`, bytes) })).ok);
});

test('a case depends on its seed only', (t) => {
  const [first] = seeds();
  if (first === undefined) return t.fail('no seeds');
  t.deepEqual(mutate(first, new Random(7)), mutate(first, new Random(7)));
  t.notDeepEqual(mutate(first, new Random(7)), mutate(first, new Random(8)));
});

test.serial(`${CASES} mutated archives of seed ${SEED} are refused, or are right for verify and load alike`, async (t) => {
  t.timeout(240_000);
  const { failures } = await fuzz(scratch.temp, SEED, CASES);
  t.deepEqual(failures, []);
});
