import { ImgkitError } from '../src/index.js';
import type { Command, OptionSpec } from './command.js';

/** Values that say where something is: one that is empty is a variable that is not set, and would mean another place. */
const PLACES = /^(?:FILE|DIR|LOCATION|IMAGE|URL|HOST|FINGERPRINT)\b/;

/**
 * Throws `usage` for an empty word where `command` wants to know a place: `gc --store ""` would look at nothing and say that all is well,
 * `extract app "" --to x` would take everything. As an option, a path is what an image shall have, or not.
 */
export function refuseEmpty(args: Readonly<Record<string, unknown>>, { name: verb, positionals, options }: Command): void {
  const refuse = (name: string, isPlace: boolean, what: string): void => {
    if (isPlace && [args[name]].flat().includes('')) throw new ImgkitError('usage', `${what} is empty; perhaps a variable is not set. See: imgkit ${verb} --help`);
  };
  const isPlace = ({ value = '' }: OptionSpec): boolean => PLACES.test(value);
  for (const [name, spec] of Object.entries(positionals)) refuse(name, isPlace(spec) || spec.value === 'PATH', `<${name}>`);
  for (const [name, spec] of Object.entries(options)) refuse(name, isPlace(spec), `--${name}`);
}
