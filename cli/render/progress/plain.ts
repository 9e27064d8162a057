import type { ProgressEvent } from '../../../src/index.js';
import { escape } from '../escape.js';
import { bytes } from '../units.js';
import type { Progress, ProgressStream } from './stream.js';
import { Tally, timeLeft } from './tally.js';

/** Milliseconds between two lines: soon at first, for whoever watches; later a log should not fill. */
const SOON = 3000;
const LATER = 10_000;
const SOON_UNTIL = 30_000;

/** A line every few seconds: what is being done, how much of how much, how fast, how long still. */
export function plainProgress(stream: ProgressStream, now: () => number): Progress {
  const tally = new Tally(now);
  let first: number | undefined;
  let last = 0;
  let timer: NodeJS.Timeout | undefined;
  let event: ProgressEvent | undefined;

  const sayWhenDue = (): void => {
    if (now() - last < (now() - (first as number) < SOON_UNTIL ? SOON : LATER)) return;
    last = now();
    stream.write(`${line(tally, event)}\n`);
  };
  return {
    listen: (next) => {
      event = next;
      tally.add(next);
      // The first line comes after an interval too: short work says nothing.
      if (first === undefined) first = last = now();
      timer ??= setInterval(sayWhenDue, 1000).unref();
      sayWhenDue();
    },
    end: () => {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** `verify: 512.0 MB of 1.4 GB, 37 %, 350.0 MB/s, 3 s left`. */
function line(tally: Tally, latest: ProgressEvent | undefined): string {
  const overall = tally.overall();
  const { done, total, percent, rate } = overall;
  const phases = new Set([...tally.active.values()].map(({ phase }) => phase));
  if (phases.size === 0 && latest !== undefined) phases.add(latest.phase);
  const left = timeLeft(overall);
  const parts = [
    total === undefined ? bytes(done) : `${bytes(done)} of ${bytes(total)}`,
    ...(percent === undefined ? [] : [`${percent} %`]),
    `${bytes(rate)}/s`,
    ...(left === '' ? [] : [left]),
  ];
  return `${[...phases].map(escape).join(', ')}: ${parts.join(', ')}`;
}
