import { commands } from '../commands.js';
import { commandPage } from './command-page.js';
import { mainPage } from './main-page.js';

/** Every man page by file name: `imgkit.1`, `imgkit-save.1`... */
export async function manPages(): Promise<ReadonlyMap<string, string>> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return new Map([['imgkit.1', await mainPage(all)], ...all.map((command) => [`imgkit-${command.name}.1`, commandPage(command)] as const)]);
}
