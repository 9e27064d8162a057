import type { Command } from './command.js';

/** Every verb, in the order of the help. Each loads alone: start-up pays for one. */
export const commands = {
  save: async () => (await import('./commands/save.js')).save,
  load: async () => (await import('./commands/load.js')).load,
  copy: async () => (await import('./commands/copy.js')).copy,
  login: async () => (await import('./commands/login.js')).login,
  logout: async () => (await import('./commands/logout.js')).logout,
  send: async () => (await import('./commands/send.js')).send,
  fetch: async () => (await import('./commands/fetch.js')).fetch,
  watch: async () => (await import('./commands/watch.js')).watch,
  list: async () => (await import('./commands/list.js')).list,
  inspect: async () => (await import('./commands/inspect.js')).inspect,
  history: async () => (await import('./commands/history.js')).history,
  files: async () => (await import('./commands/files.js')).files,
  cat: async () => (await import('./commands/cat.js')).cat,
  diff: async () => (await import('./commands/diff.js')).diff,
  export: async () => (await import('./commands/export.js')).exportCommand,
  report: async () => (await import('./commands/report.js')).report,
  digest: async () => (await import('./commands/digest.js')).digest,
  verify: async () => (await import('./commands/verify.js')).verify,
  keygen: async () => (await import('./commands/keygen.js')).keygen,
  sign: async () => (await import('./commands/sign.js')).sign,
  encrypt: async () => (await import('./commands/encrypt.js')).encrypt,
  decrypt: async () => (await import('./commands/decrypt.js')).decrypt,
  trust: async () => (await import('./commands/trust.js')).trust,
  import: async () => (await import('./commands/import.js')).importCommand,
  flatten: async () => (await import('./commands/flatten.js')).flatten,
  append: async () => (await import('./commands/append.js')).append,
  edit: async () => (await import('./commands/edit.js')).edit,
  rebase: async () => (await import('./commands/rebase.js')).rebase,
  extract: async () => (await import('./commands/extract.js')).extract,
  commit: async () => (await import('./commands/commit.js')).commit,
  squash: async () => (await import('./commands/squash.js')).squash,
  tag: async () => (await import('./commands/tag.js')).tag,
  rm: async () => (await import('./commands/rm.js')).rm,
  gc: async () => (await import('./commands/gc.js')).gc,
  completion: async () => (await import('./commands/completion.js')).completion,
} satisfies Record<string, () => Promise<Command>>;

export type CommandName = keyof typeof commands;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(commands, name);
}
