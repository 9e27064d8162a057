import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command } from './command.js';

type Values = Record<string, unknown>;

/**
 * The arguments of a call that needs no help and has no mistake, from the same tables that yargs reads; undefined for any
 * other call, which yargs then explains. Loading yargs takes longer than `imgkit list` itself.
 */
export function plainArguments(command: Command, words: readonly string[]): Readonly<Values> | undefined {
  const parsed = tryParse(command, words);
  if (parsed === undefined) return undefined;
  const values: Values = {};
  for (const [name, { default: fallback }] of Object.entries(command.options)) if (fallback !== undefined) values[name] = fallback;
  for (const [name, given] of Object.entries(parsed.values)) {
    const { array } = command.options[name] ?? {};
    if (!Array.isArray(given) || (given.length !== 1 && array !== true)) return undefined;
    values[name] = array === true ? given : given[0];
  }
  return placePositionals(command, parsed.positionals, values) && fits(command, values) ? values : undefined;
}

function tryParse({ options }: Command, words: readonly string[]): { values: Values; positionals: readonly string[] } | undefined {
  const config: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, alias }] of Object.entries(options)) {
    if (type !== 'boolean' && type !== 'string') return undefined;
    config[name] = { type, multiple: true, ...(typeof alias === 'string' && alias.length === 1 ? { short: alias } : {}) };
  }
  // `-o=FILE`: the equals sign would be part of the value.
  if (words.some((word) => /^-[A-Za-z]=/.test(word))) return undefined;
  try {
    return parseArgs({ args: [...words], options: config, allowPositionals: true, strict: true });
  } catch {
    return undefined;
  }
}

function placePositionals({ positionals }: Command, given: readonly string[], values: Values): boolean {
  const rest = [...given];
  for (const [name, { array, choices, demandOption, default: fallback }] of Object.entries(positionals)) {
    const taken = array === true ? rest.splice(0) : rest.splice(0, 1);
    if (taken.length === 0 && demandOption === true) return false;
    if (choices !== undefined && !taken.every((word) => (choices as readonly unknown[]).includes(word))) return false;
    const value: unknown = array === true ? taken : taken[0];
    values[name] = taken.length > 0 ? value : fallback;
  }
  return rest.length === 0;
}

/** Choices, required options and exclusions; an empty value is left to yargs, which knows what to say. */
function fits({ options }: Command, values: Readonly<Values>): boolean {
  return Object.entries(options).every(([name, { choices, demandOption, conflicts, implies }]) => {
    const value = values[name];
    if (value === undefined) return demandOption !== true;
    if (value === '' || (Array.isArray(value) && value.includes('')) || (choices !== undefined && !(choices as readonly unknown[]).includes(value))) return false;
    if (conflicts !== undefined && typeof conflicts !== 'string' && !Array.isArray(conflicts)) return false;
    if (implies !== undefined && (typeof implies !== 'string' || values[implies] === undefined)) return false;
    return [conflicts ?? []].flat().every((other) => values[other] === undefined);
  });
}
