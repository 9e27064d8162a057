import type { CompletedCommand, Place } from './table.js';

/** An option's value, or that it has none, and the commands for which that holds. */
export interface PlaceOfOption {
  readonly flags: readonly string[];
  readonly place: Place | undefined;
  /** Undefined: in every command that has the option. */
  readonly commands: readonly string[] | undefined;
}

/**
 * What follows each option. Most options mean the same everywhere and are said once; the others are said for each of their
 * commands, and come first.
 */
export function optionPlaces(table: readonly CompletedCommand[]): readonly PlaceOfOption[] {
  const uses = new Map<string, { flag: string; place: Place | undefined; commands: string[] }>();
  for (const { name, options } of table) {
    for (const { flags, value } of options) {
      for (const flag of flags) {
        const key = `${flag} ${JSON.stringify(value)}`;
        const use = uses.get(key) ?? { flag, place: value, commands: [] };
        use.commands.push(name);
        uses.set(key, use);
      }
    }
  }
  const all = [...uses.values()];
  const sole = (flag: string): boolean => all.filter((use) => use.flag === flag).length === 1;
  const merged = new Map<string, { flags: string[]; place: Place | undefined; commands: readonly string[] | undefined }>();
  for (const { flag, place, commands } of all) {
    const only = sole(flag) ? undefined : commands;
    const key = JSON.stringify([place, only]);
    const entry = merged.get(key) ?? { flags: [], place, commands: only };
    entry.flags.push(flag);
    merged.set(key, entry);
  }
  return [...merged.values()].sort((a, b) => Number(a.commands === undefined) - Number(b.commands === undefined));
}
