import type { Command, OptionSpec } from '../command.js';
import type { Term } from './blocks.js';

/** Options that belong together. */
export interface OptionGroup {
  /** Without a colon: `Writing`. */
  readonly title: string;
  readonly names: readonly string[];
  readonly terms: readonly Term[];
}

/** Groups that many commands have come after those of the command itself, in this order. */
const LAST = ['Source', 'Trust', 'Encryption', 'Decryption', 'Network', 'Output'];

const HELP: OptionSpec = { type: 'boolean', alias: 'h', group: 'Output:', describe: 'Show this help' };

/** Every option of a command with `--help`, by group, in the order in which people look for them. */
export function optionGroups(command: Command): readonly OptionGroup[] {
  const groups = new Map<string, { names: string[]; terms: Term[] }>();
  for (const [name, option] of Object.entries({ ...command.options, help: HELP })) {
    const title = (option.group ?? 'Options').replace(/:$/, '');
    const group = groups.get(title) ?? { names: [], terms: [] };
    group.names.push(name);
    group.terms.push(optionTerm(name, option));
    groups.set(title, group);
  }
  const titles = [...groups.keys()].sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b));
  return titles.map((title) => ({ title, names: [], terms: [], ...groups.get(title) }));
}

/** `-o, --output FILE` and what it is for. */
export function optionTerm(name: string, option: OptionSpec): Term {
  const alias = aliasFlag(option);
  const value = option.type === 'boolean' ? '' : ` ${valueOf(name, option)}`;
  return [alias?.startsWith('--') === true ? `    --${name}, ${alias}${value}` : `${alias === undefined ? '    ' : `${alias}, `}--${name}${value}`, explained(option)];
}

/** The other way to write an option: `-o`, or `--all`; undefined when there is none. */
export function aliasFlag({ alias }: OptionSpec): string | undefined {
  if (typeof alias !== 'string') return undefined;
  return alias.length === 1 ? `-${alias}` : `--${alias}`;
}

/** `image` and what it is. */
export function positionalTerm(name: string, positional: OptionSpec): Term {
  return [name, explained({ ...positional, demandOption: false, array: false })];
}

/** What stands for the value of an option. */
function valueOf(name: string, { value }: OptionSpec): string {
  return value ?? name.toUpperCase();
}

/** The description with choices, default and how often. */
function explained({ describe = '', choices, default: fallback, demandOption, array }: OptionSpec): string {
  const several = choices === undefined ? '' : `: ${choices.join(', ')}`;
  const beside = [
    ...(demandOption === true ? ['required'] : []),
    ...(array === true && !/repeat/.test(String(describe)) ? ['repeatable'] : []),
    ...(typeof fallback === 'string' ? [`default: ${fallback}`] : []),
  ];
  return `${String(describe)}${several}${beside.length === 0 ? '' : ` [${beside.join('; ')}]`}`;
}
