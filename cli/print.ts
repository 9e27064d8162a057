import type { Finding } from '../src/index.js';
import type { Context } from './context.js';
import { renderJson } from './render/json.js';
import { renderNote } from './render/notes.js';
import { widthOf } from './render/width.js';

/** The ways to show one result; only the one asked for runs. Lines come without their line ends. */
export interface Renderings {
  readonly text: (width: number | undefined) => readonly string[];
  readonly quiet: (width: number | undefined) => readonly string[];
  readonly notes?: readonly Finding[] | undefined;
  /** Where the result goes; stderr when stdout carries an archive. */
  readonly to?: 'stdout' | 'stderr' | undefined;
  /** What a person may want to know beside the data; stderr. */
  readonly aside?: readonly string[] | undefined;
}

/** Prints a result the way `--json` and `--quiet` ask for: data to stdout, notes to stderr. */
export function print(result: object, args: { readonly json?: boolean | undefined; readonly quiet?: boolean | undefined }, context: Context, renderings: Renderings): void {
  context.endProgress();
  const out = context[renderings.to ?? 'stdout'];
  if (args.json === true) {
    out.write(renderJson(result));
    return;
  }
  const width = widthOf(out);
  const lines = args.quiet === true ? renderings.quiet(width) : renderings.text(width);
  if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  if (args.quiet === true) return;
  const beside = [...(renderings.notes ?? []).map((note) => renderNote(note, context.style.stderr, widthOf(context.stderr))), ...(renderings.aside ?? [])];
  if (beside.length > 0) context.stderr.write(`${beside.join('\n')}\n`);
}
