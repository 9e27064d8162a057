/** Those who wait for something that there is too little of, first come first served. */
export class WaitingLine {
  readonly #waiting = new Set<() => void>();

  /** Waits until it is one's turn to look again: somebody else may have been quicker. False once `stop` was aborted instead. */
  wait(stop: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const go = (): void => {
        stop.removeEventListener('abort', stopped);
        resolve(true);
      };
      const stopped = (): void => {
        this.#waiting.delete(go);
        resolve(false);
      };
      this.#waiting.add(go);
      stop.addEventListener('abort', stopped, { once: true });
    });
  }

  /** There is something again: the first looks. Who was told so and needs it no more calls the next. */
  next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first();
  }
}
