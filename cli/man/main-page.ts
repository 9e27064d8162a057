import type { Command } from '../command.js';
import { allGroups } from '../help/groups.js';
import { loadTopic, topicSummaries } from '../help/topics.js';
import { blocksRoff, bold, example, manPage, paragraph, roff } from './roff.js';

/** imgkit(1): what it is for, all commands, and every topic of `imgkit help`. */
export async function mainPage(commands: readonly Command[]): Promise<string> {
  const topics = await Promise.all(topicSummaries.map(([name]) => loadTopic(name)));
  return manPage('imgkit', 'move container images where registries cannot go', [
    ['SYNOPSIS', ['.PP', `${bold('imgkit')} \\fIcommand\\fR [\\fIarguments\\fR] [\\fIoptions\\fR]`, '.br', `${bold('imgkit help')} [\\fIcommand\\fR|\\fItopic\\fR]`]],
    ['DESCRIPTION', [
      ...paragraph('An image leaves one network as a file and enters another as the same image, proven. imgkit reads and writes image archives of every kind, talks to registries and engines, ships files to hosts and back, signs, checks and encrypts, and needs no daemon for any of it.'),
      ...paragraph('Standard output carries data, standard error everything else. Nothing gets its final name before it is complete and checked.'),
    ]],
    ['COMMANDS', allGroups().flatMap(({ title, about, names }) => [`.SS ${roff(`${title} ${about}`)}`, ...names.flatMap((name) => commandTerm(name, commands))])],
    ['EXAMPLE', [
      ...paragraph('From an engine to another network, on a disc:'),
      ...example(['imgkit save docker-daemon:app:1.9.6 -o app.tar', 'imgkit sign app.tar --key ~/.ssh/release']),
      ...paragraph('and at the other end:'),
      ...example(['imgkit load app.tar --key release.pub --into docker-daemon:']),
    ]],
    ...topics.map(({ name, blocks }) => [name.replace('-', ' ').toUpperCase(), blocksRoff(blocks)] as const),
    ['SEE ALSO', ['.PP', [...commands.map(({ name }) => `${bold(`imgkit-${name}`)}(1)`).sort(), `${bold('docker')}(1)`, `${bold('skopeo')}(1)`, `${bold('age')}(1)`].join(', ')]],
  ]);
}

function commandTerm(name: string, commands: readonly Command[]): readonly string[] {
  return ['.TP', `${bold(`imgkit-${name}`)}(1)`, roff(commands.find((command) => command.name === name)?.summary ?? '')];
}
