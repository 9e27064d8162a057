import { ImgkitError } from '../errors.js';

/** The error of work that was stopped while `doing` (a phrase such as `reading app.tar`). Code `interrupted`. */
export function interrupted(doing: string, cause?: unknown): ImgkitError {
  return new ImgkitError('interrupted', `Stopped while ${doing}.`, {}, { cause });
}

/** Throws `interrupted` when `signal` has been aborted. */
export function throwIfInterrupted(signal: AbortSignal | undefined, doing: string): void {
  if (signal?.aborted === true) throw interrupted(doing, signal.reason);
}
