import type { InferredOptionTypes, Options } from 'yargs';
import type { Context } from './context.js';

/** An option or positional. */
export interface OptionSpec extends Options {
  /**
   * What its value is, for people and for completion: `FILE`, `DIR`, `FILE|DIR`, `LOCATION` (anything that holds images, or
   * a name in the store) and `IMAGE` (a name in the store) are completed; other words are only shown.
   */
  readonly value?: string;
}

/** Options or positionals as data: the parser, the help, the man pages, completion and suggestions all read the same table. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

interface CommandParts<P extends OptionTable, O extends OptionTable> {
  readonly name: string;
  /** What follows the name, in yargs' notation: `<image..>`. */
  readonly takes: string;
  /** One line: what it is for. */
  readonly summary: string;
  readonly positionals: P;
  readonly options: O;
  /** Two real calls, each with what it does. */
  readonly examples: readonly (readonly [call: string, does: string])[];
  /** One facade call, then the rendering. Resolves with the exit code. */
  run(args: InferredOptionTypes<P> & InferredOptionTypes<O>, context: Context): Promise<number>;
}

/** A verb of the command line, its argument types erased. */
export type Command = CommandParts<OptionTable, OptionTable>;

/** Checks the types of `run` against the option tables, then erases them. */
export function defineCommand<P extends OptionTable, O extends OptionTable>(parts: CommandParts<P, O>): Command {
  return parts as unknown as Command;
}
