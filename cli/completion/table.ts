import type { Command, OptionSpec } from '../command.js';
import { allGroups } from '../help/groups.js';
import { aliasFlag } from '../help/option-groups.js';
import { topicSummaries } from '../help/topics.js';

/** What can stand in a place of the command line. */
export type Place =
  | { readonly kind: 'file' | 'folder' | 'location' | 'image' | 'text' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface CompletedOption {
  /** `--output`, and `-o` where there is one. */
  readonly flags: readonly string[];
  readonly describe: string;
  /** Absent for an option without a value. */
  readonly value?: Place;
  readonly label: string;
  readonly repeatable: boolean;
}

export interface CompletedArgument {
  readonly name: string;
  readonly place: Place;
  /** Takes every word from here on. */
  readonly rest: boolean;
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  readonly args: readonly CompletedArgument[];
}

/** The prefixes that a location may begin with; those of `PATHS` are followed by a path. */
export const LOCATION_PREFIXES = ['docker-daemon:', 'docker://', 'docker-archive:', 'oci-archive:', 'oci:', 'store:'] as const;

/** Every command as the shells need to know it, `help` too, in the order of the overview. */
export function completionTable(commands: readonly Command[]): readonly CompletedCommand[] {
  const order: readonly string[] = allGroups().flatMap(({ names }) => names);
  const sorted = [...commands].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  const words = [...sorted.map(({ name }) => name), ...topicSummaries.map(([name]) => name)];
  const help: CompletedCommand = {
    name: 'help', summary: 'Show the help of a command or about a topic', options: [],
    args: [{ name: 'topic', place: { kind: 'words', words }, rest: false }],
  };
  return [...sorted.map(completedCommand), help];
}

function completedCommand({ name, summary, options, positionals }: Command): CompletedCommand {
  const help: OptionSpec = { type: 'boolean', alias: 'h', describe: 'Show this help' };
  return {
    name,
    summary,
    options: Object.entries({ ...options, help }).map(([option, spec]) => completedOption(option, spec)),
    args: Object.entries(positionals).map(([arg, spec]) => ({ name: arg, place: placeOf(spec), rest: spec.array === true })),
  };
}

function completedOption(name: string, spec: OptionSpec): CompletedOption {
  const alias = aliasFlag(spec);
  return {
    flags: [`--${name}`, ...(alias === undefined ? [] : [alias])],
    describe: String(spec.describe ?? ''),
    label: spec.value ?? name,
    repeatable: spec.array === true,
    ...(spec.type === 'boolean' ? {} : { value: placeOf(spec) }),
  };
}

function placeOf({ choices, value }: OptionSpec): Place {
  if (choices !== undefined) return { kind: 'words', words: choices.map(String) };
  switch (value) {
    case 'FILE':
    case 'FILE|DIR':
      return { kind: 'file' };
    case 'DIR':
    case 'DIR|URL':
      return { kind: 'folder' };
    case 'LOCATION':
    case 'FILE|LOCATION':
      return { kind: 'location' };
    case 'IMAGE':
      return { kind: 'image' };
    default:
      return { kind: 'text' };
  }
}
