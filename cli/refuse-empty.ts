import { ImgkitError } from '../src/index.js';
import type { Command, OptionSpec } from './command.js';

/** Values that say where something is: one that is empty is a variable that is not set, and would mean another place. */
const PLACES = /^(?:FILE|DIR|LOCATION|IMAGE|URL|HOST|FINGERPRINT)\b/;

/** Throws `usage` for an empty word where `command` wants to know a place: `gc --store ""` would look at nothing and say that all is well. */
export function refuseEmpty(args: Readonly<Record<string, unknown>>, { name: verb, positionals, options }: Command): void {
  const refuse = (name: string, { value = '' }: OptionSpec, what: string): void => {
    if (PLACES.test(value) && [args[name]].flat().includes('')) throw new ImgkitError('usage', `${what} is empty; perhaps a variable is not set. See: imgkit ${verb} --help`);
  };
  for (const [name, spec] of Object.entries(positionals)) refuse(name, spec, `<${name}>`);
  for (const [name, spec] of Object.entries(options)) refuse(name, spec, `--${name}`);
}
