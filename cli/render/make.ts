import type { MakeResult } from '../../src/index.js';
import type { Context } from '../context.js';
import { isStream } from '../options/stream.js';
import { print } from '../print.js';
import { escape } from './escape.js';
import { familiar, renderPinned } from './names.js';
import { bytes, count } from './units.js';
import { wrap } from './width.js';

const TEXT_WIDTH = 76;

/** Prints what a command made: name, digest, what is different, new layers. */
export function printMade(result: MakeResult, args: { readonly json?: boolean | undefined; readonly quiet?: boolean | undefined }, context: Context): void {
  print(result, args, context, {
    text: () => renderMade(result),
    quiet: () => renderPinned(result.names, result.digest),
    notes: result.notes,
    to: isStream(result.to) ? 'stderr' : 'stdout',
    aside: [renderMadeSummary(result)],
  });
}

export function renderMade(result: MakeResult): readonly string[] {
  const { names, digest, changes, layers } = result;
  return [
    ...(names.length === 0 ? ['<none>'] : names.map(familiar)),
    `  ${digest}`,
    ...changes.flatMap((change) => wrap(escape(change), TEXT_WIDTH).map((line) => `  ${line}`)),
    ...layers.map(({ digest: layer, size, from }) => `  layer ${layer.slice(0, 19)}  ${bytes(size)}${from === undefined ? '' : `  ${escape(from)}`}`),
  ];
}

export function renderMadeSummary(result: MakeResult): string {
  const reused = result.reused === 0 ? '' : `, ${count(result.reused, 'blob')} there already`;
  return `made 1 image in ${isStream(result.to) ? 'stdout' : escape(result.to)} (${escape(result.format)}): ${bytes(result.bytes)}${reused}`;
}
