import { durableOrder } from '../faults/durable-order.js';
import { faultCommands, type FaultCommand } from '../faults/fault-commands.js';
import type { FaultLab } from '../faults/fault-lab.js';
import { FAILING, KILLED, type InjectedFault } from '../faults/strace.js';
import { spread, sweep } from '../faults/sweep.js';
import { withFaultLab, type Campaign, type CampaignOptions } from './campaign.js';

const MEBIBYTES = 0.03;

function every(faults: readonly InjectedFault[]): Campaign {
  return (options) => withFaultLab(MEBIBYTES, async (lab) => {
    const found: string[] = [];
    for (const command of await chosen(lab, options)) {
      let [calls, hits] = [0, 0];
      for (const fault of faults) {
        const result = await sweep(lab, command, fault, options.samples);
        options.say(`${command.name}: ${fault.calls} ${fault.effect}: ${result.hits} of ${result.calls} calls, ${result.problems.length} problems`);
        for (const problem of result.problems) options.say(problem);
        [calls, hits] = [calls + result.calls, hits + result.hits];
        found.push(...result.problems);
      }
      options.say(`${command.name}: ${hits} of ${calls} calls`);
    }
    return found;
  });
}

async function chosen(lab: FaultLab, { commands }: CampaignOptions): Promise<readonly FaultCommand[]> {
  return (await faultCommands(lab)).filter(({ name }) => commands === undefined || commands.includes(name));
}

/** SIGKILL at every call that writes, of every command. */
export const crashCampaign: Campaign = every(KILLED);
/** Every call of every kind of failure, of every command. */
export const diskCampaign: Campaign = every(FAILING);

/** What a power cut could leave, of every command. */
export const orderCampaign: Campaign = (options) => withFaultLab(MEBIBYTES, async (lab) => {
  const found: string[] = [];
  for (const command of await chosen(lab, options)) {
    const { names, problems } = await durableOrder(lab, command);
    options.say(`${command.name}: ${names} names, ${problems.length} problems`);
    found.push(...(names === 0 ? [`${command.name}: no name was seen`] : problems));
  }
  return found;
});

/** At the lowest priority of a busy machine a command may take minutes. Milliseconds. */
const PATIENCE = 1_200_000;
/** Descriptors from too few for Node to enough for the work, and sizes of files. */
const LIMITS = [...Array.from({ length: 20 }, (_, i) => `-n ${i + 17}`), '-f 1', '-f 2', '-f 4', '-f 8', '-f 16', '-f 24', '-f 32'];

/** Too few descriptors, and files that may not grow: each number in turn. The exit code is 0 or 6, and nothing partial is left. */
export const limitsCampaign: Campaign = (options) => withFaultLab(MEBIBYTES, async (lab) => {
  const found: string[] = [];
  for (const command of await chosen(lab, options)) {
    const [limits, before] = [spread(LIMITS, options.samples), found.length];
    for (const limit of limits) {
      await command.reset();
      const line = command.args.map((arg) => `'${arg}'`).join(' ');
      const { code, stderr } = await lab.shell(`trap '' XFSZ; ulimit ${limit}; imgkit ${line} --progress none`, { timeout: PATIENCE });
      const where = `${command.name} under ulimit ${limit}, exit ${code}`;
      // Below some number of descriptors Node itself does not start, or cannot read the program.
      const node = /node::|libuv|Assertion|EMFILE.*internal|EMFILE: too many open files, open '.*\/dist\/cli\//.test(stderr);
      if (code !== 0 && code !== 6 && !node) found.push(`${where}: ${stderr}`);
      if (/\n\s+at /.test(stderr) && !node) found.push(`${where}: a stack trace: ${stderr}`);
      await command.check().catch((error: unknown) => found.push(`${where}: ${String(error)}`));
      if (code === 0) await command.done().catch((error: unknown) => found.push(`${where}: ${String(error)}`));
    }
    options.say(`${command.name}: ${limits.length} limits, ${found.length - before} problems`);
    for (const problem of found.slice(before)) options.say(problem);
  }
  return found;
});
