import test from 'ava';
import { talkFtp } from './fuzz-ftp.js';
import { inputOf, parserTargets, problemWith } from './fuzz-parsers.js';

const CASES = Number(process.env['IMGKIT_FUZZ_PARSER_CASES'] ?? 100);
/** Every version of Node takes cases of its own, so that a run of the suite under two of them tries twice as many. */
const SEED = Number(process.env['IMGKIT_FUZZ_SEED'] ?? 20_240_101 + Number.parseInt(process.versions.node, 10));

test('a case of a parser depends on its seed and number only', (t) => {
  for (const target of parserTargets()) {
    t.deepEqual(inputOf(target, SEED, 3), inputOf(target, SEED, 3), target.name);
    t.true(Array.from({ length: 10 }, (_, i) => inputOf(target, SEED, i)).some((bytes, _, [first]) => first !== undefined && !bytes.equals(first)), target.name);
  }
});

test('the inputs that are mutated do not trouble any parser', async (t) => {
  for (const target of parserTargets()) for (const seed of target.seeds) t.is(await problemWith(target, seed), undefined, target.name);
});

test('the FTP servers that are mutated answer everything well', async (t) => {
  const ftp = parserTargets().find(({ name }) => name === 'ftp');
  t.is(ftp?.seeds.length, 2);
  for (const seed of ftp?.seeds ?? []) t.is(await talkFtp(seed.toString('utf8'), 60_000), 5);
});

for (const target of parserTargets()) {
  const cases = Math.ceil(CASES * (target.share ?? 1));
  test.serial(`${target.name}: ${cases} mutated inputs of seed ${SEED} are read, or refused with a reason`, async (t) => {
    t.timeout(240_000);
    for (let number = 0; number < cases; number += 1) {
      const problem = await problemWith(target, inputOf(target, SEED, number));
      if (problem !== undefined) t.fail(`case ${number}: ${problem}`);
    }
    t.pass();
  });
}
