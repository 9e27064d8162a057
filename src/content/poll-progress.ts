const POLL_MS = 50;

/** See {@link pollProgress}. */
export interface ProgressPoll {
  /** Throws what the listener threw. Call it when the work has come to its end, whatever that was. */
  check(): void;
  /** Always. */
  end(): void;
}

/**
 * Tells `onBytes` now and then what `done`, which another thread advances, has come to. Thrown in a timer, what a listener throws would
 * end the process: it ends the work by `stop`, and `check` throws it.
 */
export function pollProgress(done: BigInt64Array, onBytes: ((done: number) => void) | undefined, stop: () => void): ProgressPoll {
  let thrown: { readonly error: unknown } | undefined;
  const tell = (): void => {
    try {
      onBytes?.(Number(Atomics.load(done, 0)));
    } catch (error) {
      thrown ??= { error };
      stop();
    }
  };
  const timer = onBytes && setInterval(tell, POLL_MS);
  return {
    check: () => {
      if (thrown !== undefined) throw thrown.error;
    },
    end: () => clearInterval(timer),
  };
}
