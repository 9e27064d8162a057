/** The first `bytes` bytes of a stream (fewer when it is shorter), and all of it. Whoever does not read `all` to its end says `return` to it. */
export async function peek(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<{ readonly head: Uint8Array; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
    length += next.value.length;
  }
  async function* all(): AsyncIterable<Uint8Array> {
    yield* first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(first).subarray(0, bytes), all: all() };
}
