/** Bytes of a stream in whole units; only the last block may end with a part of one (and is empty where there was no input). */
export interface UnitBlock {
  readonly block: Uint8Array;
  readonly last: boolean;
}

/**
 * `chunks` cut into blocks of whole units of `unit` bytes, however they came. What already lies well is not copied: blocks
 * are views of the chunks, and as large as they are.
 */
export async function* wholeUnits(chunks: AsyncIterable<Uint8Array>, unit: number): AsyncGenerator<UnitBlock, void, undefined> {
  let part = Buffer.allocUnsafeSlow(unit);
  let filled = 0;
  /** Whole units that may turn out to be the last. */
  let pending: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (pending !== undefined) yield { block: pending, last: false };
    pending = undefined;
    let at = 0;
    if (filled > 0) {
      at = Math.min(unit - filled, chunk.length);
      part.set(chunk.subarray(0, at), filled);
      filled += at;
      if (filled === unit) {
        const block = part;
        [part, filled] = [Buffer.allocUnsafeSlow(unit), 0];
        if (at < chunk.length) yield { block, last: false };
        else pending = block;
      }
    }
    const end = chunk.length - ((chunk.length - at) % unit);
    if (end > at) {
      if (end < chunk.length) yield { block: chunk.subarray(at, end), last: false };
      else pending = chunk.subarray(at, end);
      at = end;
    }
    part.set(chunk.subarray(at), filled);
    filled += chunk.length - at;
  }
  yield { block: pending ?? part.subarray(0, filled), last: true };
}
