import { ImgkitError } from '../errors.js';

/** Default of `NetworkOptions.connectTimeout`, milliseconds. */
export const CONNECT_TIMEOUT = 30_000;
/** Default of `NetworkOptions.idleTimeout`, milliseconds. */
export const IDLE_TIMEOUT = 60_000;

/** A signal that fires with its parent, or with `network-timeout` when its time is over. Call `done` at the end. */
export interface TimeLimit {
  readonly signal: AbortSignal | undefined;
  done(): void;
}

/** Ends work on `host` after `milliseconds` in all (undefined or 0: never), or when `parent` is aborted. */
export function totalTimeLimit(milliseconds: number | undefined, parent: AbortSignal | undefined, host: string): TimeLimit {
  if (milliseconds === undefined || milliseconds <= 0 || milliseconds === Infinity) return { signal: parent, done: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timedOut(host, `was not done within ${seconds(milliseconds)}`, 'timeout')), Math.min(milliseconds, 2 ** 31 - 1));
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

/**
 * `chunks` of `host`; throws `network-timeout` when the next one does not come within `milliseconds` (0: no limit). The time that
 * the consumer takes does not count. `onTimeout` should end the connection, so that the pending read settles.
 */
export async function* idleTimeLimit(chunks: AsyncIterable<Uint8Array>, milliseconds: number, host: string, onTimeout?: () => void): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let finished = false;
  try {
    for (;;) {
      const next = await within(iterator.next(), milliseconds, () => timedOut(host, `was silent for ${seconds(milliseconds)}`, 'idle-timeout'));
      finished = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    if (error instanceof ImgkitError && error.code === 'network-timeout') {
      // A read is pending, so `return` would wait for it, maybe for ever.
      finished = true;
      onTimeout?.();
    }
    throw error;
  } finally {
    if (!finished) await iterator.return?.();
  }
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

function timedOut(host: string, what: string, option: string): ImgkitError {
  return new ImgkitError('network-timeout', `${host} ${what}; run it again, or raise --${option}.`, { file: host });
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
