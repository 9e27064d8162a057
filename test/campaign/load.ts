import { loadStore } from '../faults/store-load.js';
import { withWorkspace, type Campaign } from './campaign.js';

/** Eight processes in one store. */
export const loadCampaign: Campaign = ({ seed, minutes, say }) => withWorkspace(async (workspace) => {
  const { commands, problems } = await loadStore(workspace, { processes: 8, milliseconds: minutes * 60_000, seed });
  say(`${commands} commands`);
  return problems;
});

/** The same with SIGKILL at random, until 200 commands were killed. */
export const killsCampaign: Campaign = ({ seed, say }) => withWorkspace(async (workspace) => {
  const found: string[] = [];
  let killed = 0;
  for (let round = 0; killed < 200 && found.length === 0; round += 1) {
    const result = await loadStore(workspace, { processes: 4, milliseconds: 60_000, seed: seed + round, killOneIn: 2 });
    killed += result.killed;
    found.push(...result.problems);
    say(`${killed} killed of ${result.commands} commands and more`);
  }
  return found;
});
