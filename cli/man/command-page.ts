import type { Command } from '../command.js';
import { aboutOf, placesOf } from '../help/about.js';
import { allGroups } from '../help/groups.js';
import { optionGroups, positionalTerm } from '../help/option-groups.js';
import { bold, example, flags, manPage, paragraph, roff, termList } from './roff.js';

/** The man page of one command. */
export function commandPage(command: Command): string {
  const { name, takes, summary, positionals, examples } = command;
  const places = placesOf(command);
  const args = Object.entries(positionals).map(([arg, positional]) => positionalTerm(arg, positional));
  return manPage(`imgkit-${name}`, lowerFirst(summary), [
    ['SYNOPSIS', ['.PP', `${bold(`imgkit ${name}`)}${takes === '' ? '' : ` ${synopsis(takes)}`} [\\fIoptions\\fR]`]],
    ['DESCRIPTION', [...paragraph(`${summary}.`), ...aboutOf(name).flatMap(paragraph)]],
    ['ARGUMENTS', [...termList(args, (word) => `\\fI${roff(word)}\\fR`), ...(places === undefined ? [] : paragraph(places))]],
    ['OPTIONS', optionGroups(command).flatMap(({ title, terms }) => [`.SS ${roff(title)}`, ...termList(terms, flags)])],
    ['EXAMPLES', examples.flatMap(([call, does]) => [...paragraph(`${does}:`), ...example([call])])],
    ['EXIT STATUS', paragraph(`0 ${name === 'diff' ? 'no difference, 1 something differs' : 'done, 1 the answer is no'}, 2 usage, 3 the input is broken, 4 refused, 5 network or peer, 6 disk, 130 interrupted. See imgkit(1).`)],
    ['SEE ALSO', ['.PP', seeAlso(name)]],
  ]);
}

/** `<image..>` as `image ...`, `[path]` as `[path]`. */
function synopsis(takes: string): string {
  return takes.split(' ').map((word) => {
    const inner = `\\fI${roff(word.replaceAll(/[<>[\].]/g, ''))}\\fR${word.includes('..') ? ' ...' : ''}`;
    return word.startsWith('[') ? `[${inner}]` : inner;
  }).join(' ');
}

/** The page of the whole, and those of the commands of the same group. */
function seeAlso(name: string): string {
  const neighbours = allGroups().find(({ names }) => (names as readonly string[]).includes(name))?.names ?? [];
  return [`${bold('imgkit')}(1)`, ...neighbours.filter((each) => each !== name).sort().map((each) => `${bold(`imgkit-${each}`)}(1)`)].join(', ');
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
