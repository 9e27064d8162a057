import type { MovedImage, MoveResult } from '../../src/index.js';
import type { Context } from '../context.js';
import { isStream } from '../options/stream.js';
import { print } from '../print.js';
import { escape } from './escape.js';
import { called, renderPinned } from './names.js';
import { bytes, count } from './units.js';
import { columnsOf, wrap } from './width.js';

const NOTE_WIDTH = 76;

/** Prints what `save`, `load` and `copy` did. */
export function printMove(
  result: MoveResult,
  args: { readonly json?: boolean | undefined; readonly quiet?: boolean | undefined },
  context: Context,
  how: { readonly verb: string; readonly dataOnStdout: boolean },
): void {
  print(result, args, context, {
    text: () => result.images.flatMap(imageLines),
    quiet: () => result.images.flatMap((image) => renderPinned(image.names, image.digest)),
    notes: result.notes,
    to: how.dataOnStdout ? 'stderr' : 'stdout',
    aside: [renderMoveSummary(result, how.verb)],
  });
}

/** Name and digest, and plainly what is not as it was. */
export function imageLines(image: MovedImage): readonly string[] {
  const names = called(image);
  const last = names.at(-1) as string;
  const named = columnsOf(last) + 2 + image.digest.length <= 80 ? [...names.slice(0, -1), `${last}  ${image.digest}`] : [...names, `  ${image.digest}`];
  return [...named, ...remarks(image).flatMap((remark) => wrap(remark, NOTE_WIDTH).map((line) => `  ${line}`))];
}

function remarks(image: MovedImage): readonly string[] {
  return [
    ...(image.manifestOrigin === 'synthesized' ? ['manifest synthesized: docker archives hold none, so this digest is not the one of the publisher'] : []),
    ...(image.changedBecause === undefined ? [] : [`manifest digest changed: ${escape(image.changedBecause)}`]),
    ...(image.sourceDigest === undefined ? [] : [`it was ${image.sourceDigest}`]),
  ];
}

export function renderMoveSummary(result: MoveResult, verb: string): string {
  const reused = result.reused === 0 ? '' : `, ${count(result.reused, 'blob')} there already`;
  const target = isStream(result.to) ? 'stdout' : result.to === 'store:' ? 'the store' : escape(result.to);
  const attached = result.images.filter((image) => image.attached).length;
  const images = result.images.length - attached;
  const about = attached === 0 ? '' : `, with ${count(attached, 'artifact')} about ${images === 1 ? 'it' : 'them'},`;
  return `${verb} ${count(images, 'image')}${about} to ${target}${result.to === 'store:' ? '' : ` (${escape(result.format)})`}: ${bytes(result.bytes)}${reused}`;
}
