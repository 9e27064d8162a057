import { throwIfInterrupted } from '../content/interrupted.js';
import type { HttpResponse } from '../network/http-client.js';

/** Tries in all before a failure that may pass is taken as final. */
export const TRIES = 5;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** A registry that asks for a longer pause is not waited for. */
const LONGEST_RETRY_AFTER = 120_000;
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Waits, unless the signal stops it. Tests give another. */
export type Wait = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;

/** True for answers that may be better in a while. */
export function mayPass(status: number): boolean {
  return PASSING.has(status);
}

/**
 * How long to wait before try number `next` (2 is the first retry): what Retry-After says (RFC 9110, 10.2.3: seconds or a date),
 * else doubling from half a second, with jitter so that many clients do not come back at once. Undefined: do not wait that long.
 */
export function retryWait(next: number, retryAfter: string | undefined, now: number = Date.now(), random: () => number = Math.random): number | undefined {
  const asked = retryAfter === undefined ? undefined : parseRetryAfter(retryAfter, now);
  if (asked !== undefined) return asked > LONGEST_RETRY_AFTER ? undefined : asked;
  const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (next - 2));
  return Math.round(full / 2 + (full / 2) * random());
}

/** The Retry-After of an answer; a date in it as seconds by the clock that wrote it, for ours may be hours away. */
export function retryAfterOf({ headers }: Pick<HttpResponse, 'headers'>): string | undefined {
  const text = headers.get('retry-after');
  if (text === undefined || /^\s*\d+\s*$/.test(text)) return text;
  const seconds = (Date.parse(text) - Date.parse(headers.get('date') ?? '')) / 1000;
  return Number.isNaN(seconds) ? text : String(Math.max(0, Math.ceil(seconds)));
}

function parseRetryAfter(text: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim()) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The {@link Wait} of real life. Throws `interrupted`. */
export const waitFor: Wait = async (milliseconds, signal) => {
  throwIfInterrupted(signal, 'waiting for a registry');
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
  });
  throwIfInterrupted(signal, 'waiting for a registry');
};
