import yargs from 'yargs';
import { ImgkitError } from '../src/index.js';
import type { Command } from './command.js';
import { explain } from './explain.js';
import type { Run } from './parse.js';

/** With yargs, which knows what is wrong with a call. Only the command that is asked for is registered: the others are never loaded. */
export async function parseCommand(command: Command, words: readonly string[]): Promise<Run> {
  const parser = yargs([])
    .scriptName(`imgkit ${command.name}`)
    .locale('en')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
      'camel-case-expansion': false,
      'greedy-arrays': false,
    })
    .command({
      command: `$0 ${command.takes}`.trimEnd(),
      describe: command.summary,
      builder: (y) => {
        for (const [name, positional] of Object.entries(command.positionals)) y.positional(name, positional as Parameters<typeof y.positional>[1]);
        return y.options(command.options);
      },
      handler: () => {},
    })
    .help(false)
    .version(false)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error instanceof Error && error.name !== 'YError' ? error : new ImgkitError('usage', explain(message ?? error?.message ?? '', command, words));
    });
  refuseSwitchValues(words, command);
  const args = await parser.parseAsync([...words], {}, () => {});
  refuseRepeats(args, command);
  return { kind: 'run', command, args };
}

/** Not known to yargs: it is looked for before. */
const HELP = { help: { type: 'boolean', alias: 'h' } } as const;

/** yargs takes `--dry-run=yes` for false, and would do what the word was to prevent. */
function refuseSwitchValues(words: readonly string[], { name: verb, options }: Command): void {
  const end = words.indexOf('--');
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const [, given = '', value = ''] = /^--?([A-Za-z][^=]*)=(.*)$/s.exec(word) ?? [];
    const [name] = Object.entries({ ...options, ...HELP }).find(([option, { alias, type }]) => type === 'boolean' && (option === given || alias === given)) ?? [];
    if (name === undefined || (name !== 'help' && (value === 'true' || value === 'false'))) continue;
    throw new ImgkitError('usage', `--${name} is a switch: write it without "=${value}", or leave it out. See: imgkit ${verb} --help`);
  }
}

/** A scalar option given twice is ambiguous; yargs makes an array of it. */
function refuseRepeats(args: Readonly<Record<string, unknown>>, command: Command): void {
  for (const [name, option] of Object.entries(command.options)) {
    if (option.array !== true && Array.isArray(args[name])) throw new ImgkitError('usage', `--${name} is given more than once. See: imgkit ${command.name} --help`);
  }
}
