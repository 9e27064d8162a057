// npm run fuzz [-- --cases N --seed N --from N --only NAME --part K/N]: mutated inputs against every parser, and mutated archives against
// verify and load (`--only archives`; else one case in a hundred). Prints the seed, so that a finding can be run again. The parts of one run,
// 1/4 to 4/4 for instance, may run beside each other: together they do what it does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parserTargets } from './fuzz-parsers.js';
import { fuzz } from './fuzz-run.js';
import { fuzzWatched } from './fuzz-watched.js';

const { values } = parseArgs({ options: { cases: { type: 'string', default: '10000' }, seed: { type: 'string' }, from: { type: 'string', default: '0' }, only: { type: 'string' }, part: { type: 'string', default: '1/1' } } });
const cases = Number(values.cases);
const first = Number(values.from);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const [part = NaN, parts = NaN] = values.part.split('/').map(Number);
const targets = parserTargets().filter(({ name }) => values.only === undefined || name === values.only);
const archives = values.only === 'archives' ? cases : values.only === undefined ? Math.ceil(cases / 100) : 0;
if (![cases, first, seed, part, parts].every(Number.isSafeInteger) || part < 1 || part > parts || targets.length + archives === 0) throw new Error('usage: npm run fuzz -- [--cases N] [--seed N] [--from N] [--only NAME|archives] [--part K/N]');
const mine = targets.filter((_, i) => i % parts === part - 1);
const whole = part === 1 ? archives : 0;

console.log(`fuzz: ${cases} cases, seed ${seed}, from ${first}, part ${part} of ${parts}`);
const findings: string[] = [];
const start = process.cpuUsage();
const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
let done = whole;
for (const { name: target, share = 1 } of mine) {
  const each = Math.ceil(((cases - archives) * share) / shares);
  const found = await fuzzWatched({ target, seed, first, cases: each });
  findings.push(...found);
  done += each;
  const { user, system } = process.cpuUsage(start);
  console.log(`fuzz: ${target}: ${each} cases, ${found.length} findings (${Math.round((user + system) / 1e6)} s so far)`);
  for (const line of found.slice(0, 5)) console.log(line);
}
const folder = await mkdtemp(join(tmpdir(), 'imgkit-fuzz-'));
if (whole > 0) {
  const { accepted, failures } = await fuzz(folder, seed, whole, first);
  findings.push(...failures);
  console.log(`fuzz: archives: ${whole} cases, ${accepted} accepted, ${failures.length} findings`);
  for (const line of failures) console.log(line);
  if (failures.length > 0) console.log(`the archives are kept in ${folder}`);
  else await rm(folder, { recursive: true });
} else await rm(folder, { recursive: true });
console.log(`${done - findings.length} passed, ${findings.length} failed`);
process.exitCode = findings.length === 0 ? 0 : 1;
