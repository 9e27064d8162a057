import { commands } from '../commands.js';
import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { completionTable } from './table.js';
import { zshScript } from './zsh.js';

export type Shell = 'bash' | 'zsh' | 'fish';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The script that teaches a shell every command, option and choice there is; names in the store are asked for when they are needed. */
export async function completionScript(shell: Shell): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return SCRIPTS[shell](completionTable(all));
}
