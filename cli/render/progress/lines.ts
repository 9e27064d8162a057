import type { ProgressEvent } from '../../../src/index.js';
import { escape } from '../escape.js';
import { bytes } from '../units.js';
import { cut, padEnd, padStart } from '../width.js';
import { timeLeft, type Overall } from './tally.js';

/** Columns of `phase`, of `999.9 MB of 999.9 MB`, of `999.9 MB/s` and of `23 h 59 min left`: fixed, so that nothing moves about. */
const PHASE = 9;
const AMOUNT = 20;
const RATE = 10;
const LEFT = 16;
/** A shorter bar says nothing. */
const BAR_LEAST = 6;
/** Columns of a name where there is little room, which a digest with 12 digits takes, and where there is more: a third of it. */
const NAME_LEAST = 29;
const NAME_MOST = 60;

/** `verify    sha256:0123456789ab  [=====>      ]  12.0 MB of 30.1 MB   40 %` in at most `width` columns. */
export function itemLine(event: ProgressEvent, width: number): string {
  const name = `${padEnd(escape(event.phase), PHASE)} ${shortened(escape(event.item))}`;
  const known = event.total !== undefined;
  const amount = padStart(known ? `${bytes(event.done)} of ${bytes(event.total)}` : bytes(event.done), AMOUNT);
  const share = known ? percentOf(event.done, event.total) : undefined;
  const numbers = `${amount}  ${padStart(share === undefined ? '' : `${share} %`, 5)}`;
  const room = width - numbers.length - 2;
  if (room < 12) return cut(name, width);
  const names = Math.max(NAME_LEAST, Math.min(NAME_MOST, Math.floor(room / 3)));
  const bar = room - names - 2;
  if (bar < BAR_LEAST) return `${padEnd(cut(name, room), room)}  ${numbers}`;
  return `${padEnd(cut(name, names), names)}  ${share === undefined ? ' '.repeat(bar) : barOf(share, bar)}  ${numbers}`;
}

/** `total     [====>    ]  512.0 MB of 1.4 GB   37 %  350.0 MB/s  3 s left` in at most `width` columns. */
export function totalLine(overall: Overall, width: number): string {
  const { done, total, percent, rate } = overall;
  const amount = padStart(total === undefined ? bytes(done) : `${bytes(done)} of ${bytes(total)}`, AMOUNT);
  const numbers = `${amount}  ${padStart(percent === undefined ? '' : `${percent} %`, 5)}  ${padStart(`${bytes(rate)}/s`, RATE)}  ${padEnd(timeLeft(overall), LEFT)}`;
  const label = 'total  ';
  const bar = width - label.length - 2 - numbers.length;
  if (bar < BAR_LEAST || percent === undefined) return cut(`${label}${padStart(numbers, width - label.length)}`, width).trimEnd();
  return `${label}${barOf(percent, bar)}  ${numbers}`.trimEnd();
}

/** `[====>    ]`, `width` columns wide. */
function barOf(percent: number, width: number): string {
  const inside = width - 2;
  const full = Math.floor((Math.min(100, percent) * inside) / 100);
  const head = full < inside && full > 0 ? '>' : '';
  return `[${'='.repeat(full - head.length)}${head}${' '.repeat(inside - full)}]`;
}

function percentOf(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total));
}

/** A digest as its first 12 digits. */
function shortened(item: string): string {
  return /^sha(?:256|512):[0-9a-f]{64,}$/.test(item) ? item.slice(0, 19) : item;
}
