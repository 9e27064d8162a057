/** Sockets give 16 to 64 KiB at a time; hashing and writing such pieces one by one takes twice as long. */
const ENOUGH = 512 * 1024;

/** `chunks` joined into larger ones. What came before a failure is not given out: the failure is. */
export async function* gather(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < ENOUGH) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}
