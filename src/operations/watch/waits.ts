import type { Arrival } from './find-complete.js';

/** Longest pause after failures, milliseconds. */
const LONGEST = 5 * 60_000;

/** Milliseconds until the next try after so many `failures`, where tries are `every` milliseconds apart. */
export function pauseAfter(failures: number, every: number): number {
  return failures === 0 ? every : Math.max(every, Math.min(every * 2 ** Math.min(failures, 10), LONGEST));
}

/** Which files are not tried again yet: one that fails again and again, for nobody may read it, must not slow down all the others. */
export class Waits {
  readonly #every: number;
  /** By name: an upload that grows is another file at each look. */
  readonly #waiting = new Map<string, { readonly failures: number; readonly until: number }>();

  constructor(every: number) {
    this.#every = every;
  }

  /** Those of a look that are to be tried now; the others are waited for. Forgets what is not there any more. */
  due<Each extends Pick<Arrival, 'file'>>(arrivals: readonly Each[], now = performance.now()): readonly Each[] {
    const present = new Set(arrivals.map(({ file }) => file.name));
    for (const name of this.#waiting.keys()) if (!present.has(name)) this.#waiting.delete(name);
    return arrivals.filter(({ file }) => (this.#waiting.get(file.name)?.until ?? -Infinity) <= now);
  }

  failed({ file: { name } }: Pick<Arrival, 'file'>, now = performance.now()): void {
    const failures = (this.#waiting.get(name)?.failures ?? 0) + 1;
    this.#waiting.set(name, { failures, until: now + pauseAfter(failures, this.#every) });
  }
}
