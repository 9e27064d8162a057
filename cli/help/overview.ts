import type { Command } from '../command.js';
import { commands } from '../commands.js';
import { allGroups } from './groups.js';
import { termLines } from './text.js';
import { topicSummaries } from './topics.js';

const HEAD = `imgkit COMMAND ...

Moves container images where registries cannot go: verified archives,
without a daemon.`;

/** What `imgkit --help` prints: every command in a line, by what one wants to do. */
export async function overview(): Promise<string> {
  const known = new Map<string, Command>();
  for (const command of await Promise.all(Object.values(commands).map((load) => load()))) known.set(command.name, command);
  const lineOf = (name: string): readonly [string, string] => [name, known.get(name)?.summary ?? ''];
  const sections = [
    HEAD,
    ...allGroups().map(({ title, about, names }) => `${title} ${about}:\n${aligned(names.map(lineOf)).join('\n')}`),
    `Options:\n${aligned([['--help', 'Show this help; imgkit COMMAND --help: that of a command'], ['--version', 'Show the version']]).join('\n')}`,
    `More: imgkit help TOPIC, or the code of an error:\n${aligned(topicSummaries).join('\n')}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** One column for the whole page: no word is longer than `completion` or `exit-codes`. */
function aligned(list: readonly (readonly [string, string])[]): readonly string[] {
  return termLines(list.map(([word, meaning]) => [word.padEnd(10), meaning]));
}
