import type { ProgressEvent } from '../../../src/index.js';
import { duration } from '../units.js';

/** Milliseconds over which the rate is measured, and after which an item of unknown size that says nothing more counts as done. */
const RATE_WINDOW = 5000;
const SILENT_AFTER = 1500;

interface Seen {
  readonly done: number;
  readonly total: number | undefined;
  readonly at: number;
}

/** All that is to be done, in numbers. */
export interface Overall {
  readonly done: number;
  /** Undefined while the size of something under way is unknown. */
  readonly total: number | undefined;
  /** 0 to 100; never smaller than before. Undefined while `total` is. */
  readonly percent: number | undefined;
  /** Bytes a second, over the last seconds. */
  readonly rate: number;
  readonly secondsLeft: number | undefined;
}

/**
 * Adds up what the events say. Work that was announced (`done` 0) counts from the start, so that the total does not grow with each blob.
 * The sums are those of one step of the work: a later one that nobody announced in time begins at 0 again.
 */
export class Tally {
  /** Items under way, in the order in which they began. */
  readonly active = new Map<string, ProgressEvent>();
  readonly #now: () => number;
  readonly #seen = new Map<string, Seen>();
  readonly #unknown = new Set<string>();
  readonly #samples: { readonly at: number; readonly moved: number }[] = [];
  #moved = 0;
  #done = 0;
  #total = 0;
  #percent = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(event: ProgressEvent): void {
    const at = this.#now();
    if (this.#samples.length === 0) this.#samples.push({ at, moved: 0 });
    const key = `${event.phase} ${event.item}`;
    const begins = this.#begins(key, event);
    if (begins && this.#complete()) this.#beginAnew();
    const before = begins ? undefined : this.#seen.get(key);
    // What an item begins with was done before: a transfer that goes on where another was cut is not that fast.
    const goesOn = before === undefined && event.total !== undefined && event.done < event.total;
    if (!goesOn) this.#moved += Math.max(0, event.done - (before?.done ?? 0));
    // What begins again (a resumed transfer) is not done twice: the sums follow it back.
    this.#done += event.done - (before?.done ?? 0);
    this.#total += (event.total ?? event.done) - (before === undefined ? 0 : (before.total ?? before.done));
    this.#seen.set(key, { done: event.done, total: event.total, at });
    if (event.total === undefined) this.#unknown.add(key);
    else this.#unknown.delete(key);
    if (event.done > 0 && (event.total === undefined || event.done < event.total)) this.active.set(key, event);
    else this.active.delete(key);
  }

  /** Whether this is new work. So is what was done to its end and is done once more: a layer that is read twice. */
  #begins(key: string, { done }: ProgressEvent): boolean {
    const seen = this.#seen.get(key);
    return seen === undefined || (seen.done === seen.total && done < seen.done);
  }

  #complete(): boolean {
    return this.#done > 0 && this.#done >= this.#total && this.active.size === 0 && this.#unknown.size === 0;
  }

  /** All that was announced is done, and here is more: a next step of the work, with a total of its own. */
  #beginAnew(): void {
    this.#seen.clear();
    this.#done = this.#total = this.#percent = 0;
  }

  overall(): Overall {
    const at = this.#now();
    this.#forgetSilent(at);
    const rate = this.#rate(at);
    const done = this.#done;
    const total = this.#unknown.size > 0 ? undefined : this.#total;
    if (total === undefined || total === 0) return { done, total, percent: undefined, rate, secondsLeft: undefined };
    this.#percent = Math.max(this.#percent, Math.min(100, Math.floor((done * 100) / total)));
    return { done, total, percent: this.#percent, rate, secondsLeft: rate > 0 && done < total ? (total - done) / rate : undefined };
  }

  /** An item of unknown size never says that it is done: it is when it falls silent. */
  #forgetSilent(at: number): void {
    for (const key of this.#unknown) {
      if (at - (this.#seen.get(key) as Seen).at < SILENT_AFTER) continue;
      this.#unknown.delete(key);
      this.active.delete(key);
    }
  }

  #rate(at: number): number {
    const last = this.#samples.at(-1);
    if (last === undefined) return 0;
    if (at > last.at) this.#samples.push({ at, moved: this.#moved });
    while (this.#samples.length > 2 && at - (this.#samples[1] as { readonly at: number }).at > RATE_WINDOW) this.#samples.shift();
    const first = this.#samples[0] as { readonly at: number; readonly moved: number };
    return at > first.at ? ((this.#moved - first.moved) * 1000) / (at - first.at) : 0;
  }
}

/** `3 s left`; empty when nobody can say. */
export function timeLeft({ secondsLeft }: Overall): string {
  return secondsLeft === undefined ? '' : `${duration(secondsLeft)} left`;
}
