import { commands, type CommandName } from '../commands.js';

/** Commands that belong together, as the overview and the man page show them. */
export interface CommandGroup {
  readonly title: string;
  readonly about: string;
  readonly names: readonly CommandName[];
}

const commandGroups: readonly CommandGroup[] = [
  { title: 'Move', about: 'images between archives, stores, engines and registries', names: ['save', 'load', 'copy', 'login', 'logout'] },
  { title: 'Ship', about: 'files to and from hosts', names: ['send', 'fetch', 'watch'] },
  { title: 'Look', about: 'into images, without running them', names: ['list', 'inspect', 'history', 'files', 'cat', 'diff', 'digest', 'report'] },
  { title: 'Make', about: 'images from files and from other images', names: ['import', 'append', 'edit', 'commit', 'rebase', 'squash', 'flatten', 'export', 'extract'] },
  { title: 'Trust', about: 'what arrives, and keep it private', names: ['verify', 'keygen', 'sign', 'encrypt', 'decrypt', 'trust'] },
  { title: 'Store', about: 'images on this machine', names: ['tag', 'rm', 'gc'] },
  { title: 'Help', about: 'for people and shells', names: ['completion'] },
];

/** The groups, and what nobody has put into one. */
export function allGroups(): readonly CommandGroup[] {
  const grouped = new Set(commandGroups.flatMap(({ names }) => names));
  const others = (Object.keys(commands) as CommandName[]).filter((name) => !grouped.has(name));
  return others.length === 0 ? commandGroups : [...commandGroups, { title: 'More', about: 'commands', names: others }];
}

/** The title of the group that a command belongs to. */
export function groupOf(name: string): string | undefined {
  return commandGroups.find(({ names }) => (names as readonly string[]).includes(name))?.title;
}
