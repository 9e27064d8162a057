import type { ProgressEvent, ProgressListener } from '../../src/index.js';
import { escape } from './escape.js';
import { bytes, duration } from './units.js';
import { cut, padEnd, padStart } from './width.js';

export type ProgressMode = 'terminal' | 'plain' | 'json' | 'none';

/** Shows events on stderr; `end` takes the last of it away. */
export interface Progress {
  readonly listen: ProgressListener;
  readonly end: () => void;
}

interface ProgressStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** Milliseconds between two drawings, and between two plain lines. */
const DRAW_EVERY = 100;
const PLAIN_EVERY = 3000;
const RATE_WINDOW = 5000;
const LINES_MOST = 8;

/** What `--progress` comes to on this stream. */
export function progressMode(
  args: { readonly progress?: string | undefined; readonly quiet?: boolean | undefined; readonly json?: boolean | undefined },
  stream: { readonly isTTY?: boolean | undefined },
): ProgressMode {
  if (args.progress === 'plain' || args.progress === 'json' || args.progress === 'none') return args.progress;
  if (args.quiet === true) return 'none';
  if (stream.isTTY === true) return 'terminal';
  return args.json === true ? 'none' : 'plain';
}

export function createProgress(mode: ProgressMode, stream: ProgressStream, now: () => number = () => performance.now()): Progress {
  if (mode === 'none') return { listen: () => {}, end: () => {} };
  const tally = new Tally(now);
  if (mode === 'json') return jsonProgress(stream, now);
  return mode === 'plain' ? plainProgress(tally, stream, now) : terminalProgress(tally, stream, now);
}

/** Adds up what the events say: bytes done and in all, rate over the last seconds, items under way. */
class Tally {
  readonly active = new Map<string, ProgressEvent>();
  readonly #now: () => number;
  readonly #seen = new Map<string, { readonly done: number; readonly total: number | undefined }>();
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  #done = 0;
  #total = 0;
  #open = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get done(): number {
    return this.#done;
  }

  /** Undefined while an item's size is unknown. */
  get total(): number | undefined {
    return this.#open > 0 ? undefined : this.#total;
  }

  add(event: ProgressEvent): void {
    if (this.#samples.length === 0) this.#samples.push({ at: this.#now(), done: 0 });
    const key = `${event.phase} ${event.item}`;
    const before = this.#seen.get(key);
    this.#done += event.done - (before?.done ?? 0);
    this.#total += (event.total ?? 0) - (before?.total ?? 0);
    this.#open += (event.total === undefined ? 1 : 0) - (before !== undefined && before.total === undefined ? 1 : 0);
    this.#seen.set(key, { done: event.done, total: event.total });
    if (event.done > 0 && (event.total === undefined || event.done < event.total)) this.active.set(key, event);
    else this.active.delete(key);
  }

  /** Bytes a second. */
  rate(): number {
    const at = this.#now();
    this.#samples.push({ at, done: this.#done });
    while (this.#samples.length > 2 && at - (this.#samples[1] as { at: number }).at > RATE_WINDOW) this.#samples.shift();
    const first = this.#samples[0] as { readonly at: number; readonly done: number };
    return at > first.at ? Math.max(0, ((this.#done - first.done) * 1000) / (at - first.at)) : 0;
  }

  /** `512.0 MB of 1.4 GB  37 %  350.0 MB/s  3 s left`. */
  summary(): string {
    const rate = this.rate();
    const { done, total } = this;
    const known = total !== undefined && total > 0;
    return [
      known ? `${bytes(done)} of ${bytes(total)}` : bytes(done),
      ...(known ? [`${percent(done, total)} %`] : []),
      ...(rate > 0 ? [`${bytes(rate)}/s`] : []),
      ...(known && rate > 0 && done < total ? [`${duration((total - done) / rate)} left`] : []),
    ].join('  ');
  }
}

function terminalProgress(tally: Tally, stream: ProgressStream, now: () => number): Progress {
  let drawn = 0;
  let last = -Infinity;
  const up = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A`);
  const draw = (): void => {
    // One column stays free: a full line would wrap on some terminals.
    const width = Math.max(20, stream.columns ?? 80) - 1;
    const most = Math.max(1, Math.min(LINES_MOST, (stream.rows ?? 24) - 2));
    const items = [...tally.active.values()];
    const hidden = items.length - most;
    const lines = [
      ...items.slice(0, most).map((event) => itemLine(event, width)),
      ...(hidden > 0 ? [`... and ${hidden} more`] : []),
      cut(`${padEnd('total', 10)}${tally.summary()}`, width),
    ];
    stream.write(`${up()}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
    drawn = lines.length;
  };
  return {
    listen: (event) => {
      tally.add(event);
      if (now() - last < DRAW_EVERY) return;
      last = now();
      draw();
    },
    end: () => {
      if (drawn > 0) stream.write(`${up()}\u001b[0J`);
      drawn = 0;
    },
  };
}

/** `compress  sha256:0123456789ab              12.0 MB of 30.1 MB   40 %`. */
function itemLine(event: ProgressEvent, width: number): string {
  const numbers = event.total === undefined ? bytes(event.done) : `${bytes(event.done)} of ${bytes(event.total)}  ${padStart(String(percent(event.done, event.total)), 3)} %`;
  const name = `${padEnd(escape(event.phase), 9)} ${escape(event.item)}`;
  const room = width - numbers.length - 2;
  return room < 12 ? cut(name, width) : `${padEnd(cut(name, room), room)}  ${numbers}`;
}

function plainProgress(tally: Tally, stream: ProgressStream, now: () => number): Progress {
  let last: number | undefined;
  return {
    listen: (event) => {
      tally.add(event);
      // The first line comes after an interval too: short work says nothing.
      last ??= now();
      if (now() - last < PLAIN_EVERY) return;
      last = now();
      stream.write(`${padEnd(escape(event.phase), 9)} ${tally.summary()}\n`);
    },
    end: () => {},
  };
}

/** One JSON document a line; at most ten a second for each item, its last one always. */
function jsonProgress(stream: ProgressStream, now: () => number): Progress {
  const last = new Map<string, number>();
  return {
    listen: (event) => {
      const key = `${event.phase} ${event.item}`;
      const finished = event.total !== undefined && event.done >= event.total;
      if (!finished && now() - (last.get(key) ?? -Infinity) < DRAW_EVERY) return;
      last.set(key, now());
      stream.write(`${JSON.stringify({ progress: event })}\n`);
    },
    end: () => {},
  };
}

function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total));
}
