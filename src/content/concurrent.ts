/** How many run at once, and in what order they are started. */
export interface Concurrency<T> {
  readonly limit: number;
  /** Ends all of it. */
  readonly signal?: AbortSignal | undefined;
  /** What an item costs: the dearest are started first, for one left for last would keep one core busy and the others idle. Default: in order. */
  readonly cost?: ((item: T) => number) | undefined;
}

/**
 * Runs `work` over `items`, several at once. The first failure aborts `stop` for the others, starts no more, and rejects
 * when all have ended: nobody uses a file any longer that the caller is about to close.
 */
export async function runConcurrently<T>(items: readonly T[], { limit, signal, cost }: Concurrency<T>, work: (item: T, stop: AbortSignal) => Promise<void>): Promise<void> {
  const waiting = (cost === undefined ? items : items.toSorted((a, b) => cost(b) - cost(a))).values();
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    // One iterator for all lanes: each takes the next item that nobody has.
    for (const item of waiting) {
      if (failure !== undefined) return;
      try {
        await work(item, stop);
      } catch (error) {
        failure ??= { error };
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failure !== undefined) throw failure.error;
}
