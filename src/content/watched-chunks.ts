/** `chunks`, and `onBytes` hears after each how many bytes there were so far. */
export async function* watchedChunks<T extends { readonly length: number }>(chunks: AsyncIterable<T>, onBytes: (done: number) => void): AsyncGenerator<T, void, undefined> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    onBytes(done);
    yield chunk;
  }
}
