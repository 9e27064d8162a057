import type { Command } from '../command.js';
import { aboutOf, placesOf } from './about.js';
import { groupOf } from './groups.js';
import { optionGroups, positionalTerm } from './option-groups.js';
import { HELP_WIDTH, termLines } from './text.js';
import { wrap } from '../render/width.js';

/** What `imgkit COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const about = aboutOf(command.name);
  const places = placesOf(command);
  const positionals = Object.entries(command.positionals).map(([name, positional]) => positionalTerm(name, positional));
  const sections = [
    wrap(usageOf(command), HELP_WIDTH),
    [`${command.summary}.`],
    ...about.map((paragraph) => wrap(paragraph, HELP_WIDTH)),
    ...(positionals.length === 0 ? [] : [['Arguments:', ...termLines(positionals), ...(places === undefined ? [] : wrap(places, HELP_WIDTH - 2).map((line) => `  ${line}`))]]),
    ...optionGroups(command).map(({ title, names, terms }) => [`${title}:`, ...(isAside(title, command) ? aside(names) : termLines(terms))]),
    ['Examples:', ...command.examples.flatMap(([call, does]) => [`  # ${does}`, ...folded(call)])],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** `imgkit save <image..> -o FILE [options]`. */
function usageOf(command: Command): string {
  return `${`imgkit ${command.name} ${command.takes}`.trimEnd()} [options]`;
}

/** Sixteen options that nearly every command has would hide the others: all but the commands they are made for only name them. */
function isAside(title: string, command: Command): boolean {
  return title === 'Network' && groupOf(command.name) !== 'Ship';
}

function aside(names: readonly string[]): readonly string[] {
  return wrap(`${names.map((name) => `--${name}`).join(', ')} (explained in: imgkit help network)`, HELP_WIDTH - 2).map((line) => `  ${line}`);
}

/** A call in lines that fit, joined as a shell joins them; an option stays with its value. */
function folded(call: string): readonly string[] {
  const lines = wrap(call.replaceAll(/(?<= )(--?[\w-]+) (?=[^-])/g, '$1\0'), HELP_WIDTH - 8).map((line) => line.replaceAll('\0', ' '));
  return lines.map((line, i) => `  ${i === 0 ? '' : '    '}${line}${i < lines.length - 1 ? ' \\' : ''}`);
}
