import { ImgkitError } from '../src/index.js';
import type { Command } from './command.js';
import { commands, isCommandName } from './commands.js';
import { plainArguments } from './plain-arguments.js';
import { refuseEmpty } from './refuse-empty.js';
import { suggest } from './suggest.js';
import { version } from './version.js';

/** A command with its arguments. */
export interface Run {
  readonly kind: 'run';
  readonly command: Command;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the words on the command line ask for. */
export type Request = { readonly kind: 'print'; readonly text: string } | { readonly kind: 'help-needed'; readonly text: string } | Run;

/**
 * Turns `argv` (without node and script) into a request. Help, yargs and each command load only when they are needed.
 * Throws `usage` with a suggestion.
 */
export async function parse(argv: readonly string[]): Promise<Request> {
  const [first, ...rest] = argv;
  if (first === '--version' || first === '-V') return { kind: 'print', text: `${version()}\n` };
  if (first === undefined) return { kind: 'help-needed', text: await (await helpTexts()).helpFor([]) };
  if (first === '--help' || first === '-h') return { kind: 'print', text: await (await helpTexts()).helpFor([]) };
  if (first === 'help') return { kind: 'print', text: await (await helpTexts()).helpFor(rest) };
  if (first.startsWith('-')) throw misplaced(first);
  if (!isCommandName(first)) throw (await helpTexts()).unknownWord(first, 'command');
  const command = await commands[first]();
  const args = plainArguments(command, rest);
  if (args === undefined && asksForHelp(rest)) return { kind: 'print', text: await (await helpTexts()).commandHelpFor(first) };
  const run: Run = args === undefined ? await (await import('./parse-command.js')).parseCommand(command, rest) : { kind: 'run', command, args };
  refuseEmpty(run.args, command);
  return run;
}

function helpTexts(): Promise<typeof import('./help/help-text.js')> {
  return import('./help/help-text.js');
}

/** `--help` wins over whatever else is wrong; behind `--` it is an operand. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function misplaced(option: string): ImgkitError {
  const near = suggest(option, ['--help', '--version']);
  if (near !== undefined) return new ImgkitError('usage', `Unknown option "${option}". Did you mean "${near}"? See: imgkit --help`);
  return new ImgkitError('usage', `${option}: options come after the command: imgkit COMMAND ${option} ...`);
}
