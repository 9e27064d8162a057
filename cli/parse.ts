import yargs from 'yargs';
import { ImgkitError } from '../src/index.js';
import type { Command, OptionTable } from './command.js';
import { commands, isCommandName } from './commands.js';
import { plainArguments } from './plain-arguments.js';
import { suggest } from './suggest.js';
import { version } from './version.js';

/** What the words on the command line ask for. */
export type Request =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'help-needed'; readonly text: string }
  | { readonly kind: 'run'; readonly command: Command; readonly args: Readonly<Record<string, unknown>> };

const helpWidth = 80;

/** Turns `argv` (without node and script) into a request. Throws `usage` with a suggestion. */
export async function parse(argv: readonly string[]): Promise<Request> {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: 'help-needed', text: await overview() };
  if (first === '--version' || first === '-V') return { kind: 'print', text: `${version()}\n` };
  if (first === '--help' || first === '-h' || first === 'help') {
    return rest[0] !== undefined && first === 'help' ? parse([rest[0], '--help']) : { kind: 'print', text: await overview() };
  }
  if (first.startsWith('-')) {
    throw usage(`${first}: options come after the command: imgkit COMMAND ${first} ...`);
  }
  if (!isCommandName(first)) {
    const near = suggest(first, Object.keys(commands));
    throw usage(`Unknown command "${first}".${near === undefined ? '' : ` Did you mean "${near}"?`} See: imgkit --help`);
  }
  const command = await commands[first]();
  const args = plainArguments(command, rest);
  return args === undefined ? parseCommand(command, rest) : { kind: 'run', command, args };
}

/** With yargs, which explains what is wrong. Only the command that is asked for is registered: the others are never loaded. */
export async function parseCommand(command: Command, words: readonly string[]): Promise<Request> {
  let printed = '';
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
        return y.options(command.options).group(['help'], 'Output:').epilogue(`Examples:\n${command.examples.map(([call, does]) => `  # ${does}\n  ${call}`).join('\n')}`);
      },
      handler: () => {},
    })
    .help('help', 'Show this help')
    .alias('help', 'h')
    .version(false)
    .wrap(helpWidth)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw error instanceof Error && error.name !== 'YError' ? error : usage(explain(message ?? error?.message ?? '', command, words));
    });
  const args = await parser.parseAsync([...words], {}, (_error, _argv, output) => {
    printed = output;
  });
  if (printed !== '') return { kind: 'print', text: `${printed.trimEnd()}\n` };
  refuseRepeats(args, command);
  return { kind: 'run', command, args };
}

/** A scalar option given twice is ambiguous; yargs makes an array of it. */
function refuseRepeats(args: Readonly<Record<string, unknown>>, command: Command): void {
  for (const [name, option] of Object.entries(command.options)) {
    if (option.array !== true && Array.isArray(args[name])) throw usage(`--${name} is given more than once. See: imgkit ${command.name} --help`);
  }
}

/** yargs' message in one sentence, with the option that was meant. */
function explain(message: string, command: Command, words: readonly string[]): string {
  const see = `See: imgkit ${command.name} --help`;
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1]?.split(', ') ?? [];
  if (unknown.length > 0) {
    const names = optionNames(command.options);
    const name = unknown.find((each) => words.some((word) => isOption(word, each))) ?? (unknown[0] as string);
    if (words.some((word) => isOption(word, name))) {
      const near = name.length > 1 ? suggest(name, names) : undefined;
      return `Unknown option "${name.length > 1 ? '--' : '-'}${name}".${near === undefined ? '' : ` Did you mean "--${near}"?`} ${see}`;
    }
    return `Unexpected argument "${name}". ${see}`;
  }
  const missing = /^Missing required arguments?: (.*)$/.exec(message)?.[1]?.split(', ').map((name) => `--${name}`);
  if (missing !== undefined) return `${missing.join(' and ')} must be given. ${see}`;
  if (message.startsWith('Not enough non-option arguments')) return `Too few arguments; needed: ${command.takes}. ${see}`;
  const empty = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (empty !== undefined) return `--${empty.length === 1 ? longName(empty, command.options) : empty} needs a value. ${see}`;
  const choice = /Argument: (.*), Given: (.*), Choices: (.*)/.exec(message);
  if (choice !== null) return `--${choice[1]}: ${choice[2]} is not one of ${choice[3]}. ${see}`;
  const exclusive = /^Arguments (.*) and (.*) are mutually exclusive$/.exec(message);
  if (exclusive !== null) return `--${exclusive[1]} and --${exclusive[2]} exclude each other. ${see}`;
  return `${message.replaceAll(/\s+/g, ' ').trim()}. ${see}`;
}

function isOption(word: string, name: string): boolean {
  return word === `--${name}` || word.startsWith(`--${name}=`) || (name.length === 1 && /^-[A-Za-z]/.test(word) && word.includes(name));
}

function optionNames(options: OptionTable): readonly string[] {
  return [...Object.keys(options), 'help'];
}

function longName(alias: string, options: OptionTable): string {
  return Object.keys(options).find((name) => options[name]?.alias === alias) ?? alias;
}

async function overview(): Promise<string> {
  const parser = yargs([])
    .scriptName('imgkit')
    .locale('en')
    .usage('imgkit COMMAND ...\n\nMoves container images where registries cannot go: verified archives,\nwithout a daemon.')
    .wrap(helpWidth)
    .help('help', 'Show this help; imgkit COMMAND --help shows that of a command')
    .version('version', 'Show the version', version())
    .epilogue(
      'A location is: an archive (PATH, -), NAME[:TAG|@DIGEST] or store:NAME (the local\n' +
        'store), docker-daemon:NAME, docker-archive:PATH[:NAME], oci-archive:PATH[:REF],\n' +
        'oci:DIR[:REF], docker://HOST/NAME[:TAG]. PATH#REF picks one image of an archive.\n\n' +
        'Exit codes: 0 done, 1 the answer is no, 2 usage, 3 input broken, 4 refused,\n' +
        '5 network or engine, 6 disk or other I/O, 130 interrupted.',
    );
  for (const command of await Promise.all(Object.values(commands).map((load) => load()))) {
    parser.command({ command: `${command.name} ${command.takes}`.trimEnd(), describe: command.summary, handler: () => {} });
  }
  return `${(await parser.getHelp()).trimEnd()}\n`;
}

function usage(message: string): ImgkitError {
  return new ImgkitError('usage', message);
}
