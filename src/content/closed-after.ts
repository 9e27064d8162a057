import type { ByteSource } from './byte-source.js';
import { lendRange } from './lend-range.js';

/** `source`, which is closed only when `work` on its file has ended: a thread may be reading it. */
export function closedAfter(source: ByteSource, work: Promise<unknown>): ByteSource {
  return {
    name: source.name,
    size: source.size,
    read: (offset, length) => source.read(offset, length),
    stream: (range, signal) => source.stream(range, signal),
    lend: (range, signal) => lendRange(source, range, signal),
    locate: (range) => source.locate(range),
    async close() {
      await work.catch(() => undefined);
      await source.close();
    },
  };
}
