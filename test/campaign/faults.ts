import { faultCommands } from '../faults/fault-commands.js';
import { FAILING, KILLED, type InjectedFault } from '../faults/strace.js';
import { sweep } from '../faults/sweep.js';
import { withFaultLab, type Campaign } from './campaign.js';

const MEBIBYTES = 0.03;

function every(faults: readonly InjectedFault[]): Campaign {
  return ({ say }) => withFaultLab(MEBIBYTES, async (lab) => {
    const found: string[] = [];
    for (const command of await faultCommands(lab)) {
      for (const fault of faults) {
        const { calls, hits, problems } = await sweep(lab, command, fault);
        say(`${command.name}: ${fault.calls} ${fault.effect}: ${hits} of ${calls} calls, ${problems.length} problems`);
        found.push(...problems);
      }
    }
    return found;
  });
}

/** SIGKILL at every call that writes, of every command. */
export const crashCampaign: Campaign = every([KILLED]);
/** Every call of every kind of failure, of every command. */
export const diskCampaign: Campaign = every(FAILING);

/** Too few descriptors, and files that may not grow: each number in turn. The exit code is 0 or 6, and nothing partial is left. */
export const limitsCampaign: Campaign = ({ say }) => withFaultLab(MEBIBYTES, async (lab) => {
  const found: string[] = [];
  for (const command of await faultCommands(lab)) {
    for (const limit of ['-n 22', '-n 24', '-n 26', '-n 28', '-n 32', '-f 1', '-f 8', '-f 24']) {
      await command.reset();
      const line = command.args.map((arg) => `'${arg}'`).join(' ');
      const { code, stderr } = await lab.shell(`trap '' XFSZ; ulimit ${limit}; imgkit ${line} --progress none`);
      const where = `${command.name} under ulimit ${limit}, exit ${code}`;
      // Below some number of descriptors Node itself does not start.
      const node = /node::|libuv|Assertion|EMFILE.*internal/.test(stderr);
      if (code !== 0 && code !== 6 && !node) found.push(`${where}: ${stderr}`);
      if (/\n\s+at /.test(stderr) && !node) found.push(`${where}: a stack trace: ${stderr}`);
      await command.check().catch((error: unknown) => found.push(`${where}: ${String(error)}`));
      if (code === 0) await command.done().catch((error: unknown) => found.push(`${where}: ${String(error)}`));
    }
    say(command.name);
  }
  return found;
});
