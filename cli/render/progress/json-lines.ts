import { escapeJson } from '../escape.js';
import type { Progress, ProgressStream } from './stream.js';
import { Tally } from './tally.js';

const EVERY = 100;

/** One JSON document a line; at most ten a second for each item, its last one always. */
export function jsonProgress(stream: ProgressStream, now: () => number): Progress {
  const tally = new Tally(now);
  const last = new Map<string, number>();
  return {
    listen: (event) => {
      tally.add(event);
      const key = `${event.phase} ${event.item}`;
      const finished = event.total !== undefined && event.done >= event.total;
      if (!finished && now() - (last.get(key) ?? -Infinity) < EVERY) return;
      last.set(key, now());
      const { done, total, rate, secondsLeft } = tally.overall();
      stream.write(`${escapeJson(JSON.stringify({ progress: event, overall: { done, total, rate: Math.round(rate), secondsLeft: secondsLeft === undefined ? undefined : Math.ceil(secondsLeft) } }))}\n`);
    },
    end: () => {},
  };
}
