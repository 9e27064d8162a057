import type { ByteRange, ByteSource } from './byte-source.js';
import type { LentChunk } from './lent-chunk.js';

/** The bytes of `range` of `source` (default: all) for one who copies or writes them: lent where that makes a difference, else as `stream` gives them. */
export function lendRange(source: ByteSource, range?: ByteRange, signal?: AbortSignal): AsyncIterable<LentChunk> {
  return source.lend?.(range, signal) ?? source.stream(range, signal);
}
