import { setTimeout as delay } from 'node:timers/promises';
import { interrupted } from '../../content/interrupted.js';
import type { ImgkitError } from '../../errors.js';
import { isBreak } from '../../network/is-break.js';

export interface RetryOptions {
  /** How many times more after the first. */
  readonly retries: number;
  /** Milliseconds before the first of them; doubled each time, up to a minute. */
  readonly delay: number;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: ((error: ImgkitError, wait: number) => void) | undefined;
}

const LONGEST = 60_000;

/** Runs `work`, again after network failures that may pass: each time it finds out by itself where to go on. */
export async function withRetries<T>(work: () => Promise<T>, { retries, delay: first, signal, onRetry }: RetryOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= retries || signal?.aborted === true || !isBreak(error)) throw error;
      const wait = Math.min(first * 2 ** attempt, LONGEST);
      onRetry?.(error, wait);
      await delay(wait, undefined, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
        throw interrupted('waiting to try again', cause);
      });
    }
  }
}
