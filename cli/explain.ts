import type { Command, OptionTable } from './command.js';
import { suggest } from './suggest.js';

/** yargs' message about a wrong call in one sentence, with the option or word that was meant. */
export function explain(message: string, command: Command, words: readonly string[]): string {
  const see = `See: imgkit ${command.name} --help`;
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1]?.split(', ') ?? [];
  if (unknown.length > 0) {
    const dashed = words.find((word) => word.length > 2 && unknown.some((each) => word === `-${each}`));
    if (dashed !== undefined) return `Unknown option "${dashed}". A file of that name is written ./${dashed}. ${see}`;
    const name = unknown.find((each) => words.some((word) => isOption(word, each))) ?? (unknown[0] as string);
    return words.some((word) => isOption(word, name)) ? `${unknownOption(name, command)} ${see}` : `Unexpected argument "${name}". ${see}`;
  }
  const stray = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined).map((word) => /^--([^=]+)/.exec(word)?.[1]).find((name) => name !== undefined && !(longName(name, command.options) in command.options));
  if (stray !== undefined) return `${unknownOption(stray, command)} ${see}`;
  const missing = /^Missing required arguments?: (.*)$/.exec(message)?.[1]?.split(', ').map((name) => `--${name}`);
  if (missing !== undefined) return `${missing.join(' and ')} must be given${/stdout/.test(command.options[missing.join().slice(2)]?.describe ?? '') ? ' (- is standard output)' : ''}. ${see}`;
  if (message.startsWith('Not enough non-option arguments') && words.includes('--')) {
    // Words behind -- are not counted.
    const behind = words.slice(words.indexOf('--') + 1).find((word) => /^-./.test(word));
    if (behind !== undefined) return `Behind -- there are no options: write "${behind}" before it. ${see}`;
    const needed = Object.entries(command.options).filter(([name, { demandOption, alias }]) => demandOption === true && !words.some((word) => isOption(word, name) || (typeof alias === 'string' && isOption(word, alias)))).map(([name]) => name);
    if (needed.length > 0) return explain(`Missing required arguments: ${needed.join(', ')}`, command, words);
  }
  if (message.startsWith('Not enough non-option arguments')) return `Too few arguments; needed: ${command.takes}. ${see}`;
  const empty = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (empty !== undefined) return `--${empty.length === 1 ? longName(empty, command.options) : empty} needs a value. ${see}`;
  const choice = /Argument: (.*), Given: "?(.*?)"?, Choices: (.*)/.exec(message);
  if (choice !== null) return `${wrongChoice(choice[1] as string, choice[2] as string, choice[3] as string, command)} ${see}`;
  const exclusive = /^Arguments (.*) and (.*) are mutually exclusive$/.exec(message);
  if (exclusive !== null) return `--${exclusive[1]} and --${exclusive[2]} exclude each other. ${see}`;
  const implied = /^(?:Implications failed|Missing dependent arguments): (.*) -> (.*)$/.exec(message.replaceAll(/\s+/g, ' ').trim());
  if (implied !== null) return `--${implied[1]} needs --${implied[2]} too. ${see}`;
  return `${message.replaceAll(/\s+/g, ' ').trim()}. ${see}`;
}

function unknownOption(name: string, { options }: Command): string {
  if (name.length === 1) return `Unknown option "-${name}".`;
  const names = [...Object.keys(options), 'help'];
  const near = suggest(name, names) ?? onlyStart(name, names);
  return `Unknown option "--${name}".${near === undefined ? '' : ` Did you mean "--${near}"?`}`;
}

/** `--recip` is no misspelling, but there is one option that it can be the start of. */
function onlyStart(name: string, names: readonly string[]): string | undefined {
  const [one, ...more] = names.filter((each) => each.startsWith(name));
  return more.length === 0 ? one : undefined;
}

function wrongChoice(name: string, given: string, choices: string, { positionals }: Command): string {
  const near = suggest(given, [...choices.matchAll(/"([^"]*)"/g)].map(([, choice]) => choice as string));
  const what = name in positionals ? name : `--${name}`;
  return `${what}: "${given}" is not one of ${choices}.${near === undefined ? '' : ` Did you mean "${near}"?`}`;
}

function isOption(word: string, name: string): boolean {
  return word === `--${name}` || word.startsWith(`--${name}=`) || (name.length === 1 && /^-[A-Za-z]/.test(word) && word.includes(name));
}

function longName(alias: string, options: OptionTable): string {
  return Object.keys(options).find((name) => options[name]?.alias === alias) ?? alias;
}
