import { stopReason } from './sftp-session.js';

/**
 * Lets one who waits for one thing after the other be woken by something else: a signal, or a failure elsewhere. One listener serves
 * for all of a transfer, and nothing that was waited for is kept in memory, as `Promise.race` with one long-lived promise would.
 */
export class EarlyEnd {
  readonly #signal: AbortSignal | undefined;
  readonly #abort: () => void;
  #error: unknown;
  #ended = false;
  #wake: ((error: unknown) => void) | undefined;

  constructor(signal: AbortSignal | undefined, host: string) {
    this.#signal = signal;
    this.#abort = () => this.end(stopReason(signal, host));
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Ends the present wait, and every later one, with `error`. The first one counts. */
  end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.(error);
  }

  /** `work`, or the early end if that comes first. One wait at a time. */
  async wait<T>(work: Promise<T>): Promise<T> {
    // Its end may come when nobody listens any more.
    work.catch(() => undefined);
    this.check();
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#wake = reject;
        work.then(resolve, reject);
      });
    } finally {
      this.#wake = undefined;
    }
  }

  /** Throws if the end came. */
  check(): void {
    if (this.#ended) throw this.#error;
  }

  /** Takes the listener off the signal. */
  dispose(): void {
    this.#signal?.removeEventListener('abort', this.#abort);
  }
}
