import { ImgkitError } from '../errors.js';

/** Default of `NetworkOptions.connectTimeout`, milliseconds. */
export const CONNECT_TIMEOUT = 30_000;
/** Default of `NetworkOptions.idleTimeout`, milliseconds. */
export const IDLE_TIMEOUT = 60_000;

/** The cause of a `network-timeout` that is the end of the whole time, not of somebody's silence. */
export class TimeOver extends Error {}

/** A signal that fires with its parent, or with `network-timeout` when its time is over. Call `done` at the end. */
export interface TimeLimit {
  readonly signal: AbortSignal | undefined;
  done(): void;
}

/** Ends work on `host` after `milliseconds` in all (undefined or 0: never), or when `parent` is aborted. */
export function totalTimeLimit(milliseconds: number | undefined, parent: AbortSignal | undefined, host: string): TimeLimit {
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds === Infinity) return { signal: parent, done: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timedOut(host, milliseconds)), Math.min(milliseconds, 2 ** 31 - 1));
  const pass = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) pass();
  else parent?.addEventListener('abort', pass, { once: true });
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', pass);
    },
  };
}

/** `work`, or the error of `late` when it takes longer than `milliseconds` (0: no limit). The work itself goes on: its owner ends it. */
export async function within<T>(work: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  if (milliseconds <= 0 || milliseconds === Infinity) return work;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([work, new Promise<never>((_, reject) => { timer = setTimeout(() => reject(late()), milliseconds); })]);
  } finally {
    clearTimeout(timer);
    // When the time is over, nobody waits for the work any more.
    work.catch(() => undefined);
  }
}

function timedOut(host: string, milliseconds: number): ImgkitError {
  return new ImgkitError('network-timeout', `${host} was not done within ${milliseconds / 1000} s; run it again, or raise --timeout.`, { file: host }, { cause: new TimeOver('the total time is over') });
}
