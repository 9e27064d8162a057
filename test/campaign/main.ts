// npm run campaign [-- --only crash,order,disk,kills,load,many,deep,wide,huge,limits,flips] [--commands save,load] [--samples N] [--minutes N] [--seed N]: the long runs, one after the other.
// Needs strace and GNU time. Takes hours; run it with `nice -n 19`. The fuzzer's long run is `npm run fuzz -- --cases 1000000`.
import { parseArgs } from 'node:util';
import { crashCampaign, diskCampaign, limitsCampaign, orderCampaign } from './faults.js';
import { flipsCampaign } from './flips.js';
import { killsCampaign, loadCampaign } from './load.js';
import { deepCampaign, hugeCampaign, manyCampaign, wideCampaign } from './scale.js';
import type { Campaign } from './campaign.js';

const campaigns: Readonly<Record<string, Campaign>> = {
  crash: crashCampaign, order: orderCampaign, disk: diskCampaign, limits: limitsCampaign, kills: killsCampaign, load: loadCampaign, many: manyCampaign, deep: deepCampaign, wide: wideCampaign, huge: hugeCampaign, flips: flipsCampaign,
};
const { values } = parseArgs({ options: { only: { type: 'string' }, minutes: { type: 'string', default: '2' }, seed: { type: 'string' }, commands: { type: 'string' }, samples: { type: 'string' } } });
const names = values.only?.split(',') ?? Object.keys(campaigns);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
console.log(`campaign: ${names.join(', ')}; seed ${seed}; Node ${process.version}; ${new Date().toISOString()}`);
let passed = 0;
let failed = 0;
for (const name of names) {
  const campaign = campaigns[name];
  if (campaign === undefined) throw new Error(`there is no campaign ${name}; there are ${Object.keys(campaigns).join(', ')}`);
  const start = Date.now();
  const problems = await campaign({ seed, minutes: Number(values.minutes), commands: values.commands?.split(','), samples: values.samples === undefined ? undefined : Number(values.samples), say: (line) => console.log(`${name}: ${line}`) });
  for (const line of problems) console.log(`FAILED ${name}: ${line}`);
  console.log(`${name}: ${problems.length} problems, ${Math.round((Date.now() - start) / 1000)} s`);
  if (problems.length === 0) passed += 1;
  else failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
