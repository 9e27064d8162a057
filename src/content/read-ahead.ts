/** `chunks`, the next one always asked for before the last is worked on, so none may be lent. Stopping early closes the source. */
export async function* readAhead<T extends Uint8Array>(chunks: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<T>> => {
    const next = iterator.next();
    // Heard of when its turn comes.
    next.catch(() => undefined);
    return next;
  };
  let ahead = ask();
  try {
    for (;;) {
      const { done, value } = await ahead;
      if (done === true) return;
      ahead = ask();
      yield value;
    }
  } finally {
    await ahead.catch(() => undefined);
    await iterator.return?.();
  }
}
