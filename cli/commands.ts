import type { Command } from './command.js';

/** Every verb, in the order of the help. Each loads alone: start-up pays for one. */
export const commands = {
  save: async () => (await import('./commands/save.js')).save,
  load: async () => (await import('./commands/load.js')).load,
  copy: async () => (await import('./commands/copy.js')).copy,
  list: async () => (await import('./commands/list.js')).list,
  inspect: async () => (await import('./commands/inspect.js')).inspect,
  history: async () => (await import('./commands/history.js')).history,
  digest: async () => (await import('./commands/digest.js')).digest,
  verify: async () => (await import('./commands/verify.js')).verify,
  tag: async () => (await import('./commands/tag.js')).tag,
  rm: async () => (await import('./commands/rm.js')).rm,
  gc: async () => (await import('./commands/gc.js')).gc,
} satisfies Record<string, () => Promise<Command>>;

export type CommandName = keyof typeof commands;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
