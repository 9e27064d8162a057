import test from 'ava';
import { durableOrder } from '../faults/durable-order.js';
import { faultCommands } from '../faults/fault-commands.js';
import { faultLab } from '../faults/fault-lab.js';
import { FAILING, KILLED, type InjectedFault } from '../faults/strace.js';
import { sweep } from '../faults/sweep.js';

/** Small: three layers, each of one piece. It has the calls of a large one, only fewer that are alike. */
const MEBIBYTES = 0.03;
/** Calls of the kinds that are not tried at every call; `npm run campaign` takes them all. */
const SAMPLES = 1;
const EVERY_CALL: readonly InjectedFault[] = [...KILLED, ...FAILING.filter(({ calls, effect, pool }) => pool !== true && /^(?:pwrite64.* error=ENOSPC|fsync.*|rename.*|unlink.*)$/.test(`${calls} ${effect}`))];

for (const fault of [...KILLED, ...FAILING]) {
  const samples = EVERY_CALL.includes(fault) ? undefined : SAMPLES;
  const which = samples === undefined ? 'every call' : 'a call';
  test.serial(`save and load, ${fault.effect} at ${which} of ${fault.calls}${fault.pool === true ? ' in the pool' : ''}: what is there verifies, the next run succeeds and leaves nothing`, async (t) => {
    t.timeout(590_000);
    const lab = await faultLab(t, MEBIBYTES);
    for (const command of await faultCommands(lab)) {
      if (command.name !== 'save' && command.name !== 'load') continue;
      const { calls, hits, problems } = await sweep(lab, command, fault, samples);
      t.log(`${command.name}: ${hits} of ${calls} calls`);
      t.deepEqual(problems, []);
      t.true(hits > 0 || calls === 0 || samples !== undefined, 'no call was hit');
    }
  });
}

test.serial('bytes are on the disk before a file has its name, and names before the end and before an index speaks of them', async (t) => {
  t.timeout(590_000);
  const lab = await faultLab(t, MEBIBYTES);
  for (const command of await faultCommands(lab)) {
    const { names, problems } = await durableOrder(lab, command);
    t.true(names > 0, command.name);
    t.deepEqual(problems, []);
  }
});
