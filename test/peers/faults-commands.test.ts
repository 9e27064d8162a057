import test from 'ava';
import { faultCommands } from '../faults/fault-commands.js';
import { faultLab } from '../faults/fault-lab.js';
import { loadStore } from '../faults/store-load.js';
import { FAILING, KILLED } from '../faults/strace.js';
import { sweep } from '../faults/sweep.js';
import { createWorkspace } from '../helpers/imgkit.js';

/** A few calls of each command; `npm run campaign` takes them all. */
const MEBIBYTES = 0.03;

test.serial('every command that writes, killed at two of its calls: final names are absent or right, the next run succeeds', async (t) => {
  t.timeout(290_000);
  const lab = await faultLab(t, MEBIBYTES);
  for (const command of await faultCommands(lab)) {
    for (const fault of KILLED) {
      const { hits, problems } = await sweep(lab, command, fault, 1);
      t.true(hits > 0, command.name);
      t.deepEqual(problems, []);
    }
  }
});

test.serial('every command that writes, with one call that fails: exit 6 and a reason, nothing partial, the next run succeeds', async (t) => {
  t.timeout(290_000);
  const lab = await faultLab(t, MEBIBYTES);
  let hits = 0;
  for (const [i, command] of (await faultCommands(lab)).entries()) {
    const fault = FAILING[i % FAILING.length];
    if (fault === undefined) throw new Error('there are no faults');
    const result = await sweep(lab, command, fault, 1);
    hits += result.hits;
    t.deepEqual(result.problems, []);
  }
  t.true(hits >= 5);
});

test.serial('eight processes load, tag, save, remove and collect in one store for ten seconds: nothing is lost', async (t) => {
  t.timeout(290_000);
  const workspace = await createWorkspace();
  t.teardown(() => workspace.remove());
  const { commands, problems } = await loadStore(workspace, { processes: 8, milliseconds: 10_000, seed: 1 });
  t.true(commands >= 24);
  t.deepEqual(problems, []);
});
