import type { ByteRange, ByteSource } from './byte-source.js';
import { throwIfInterrupted } from './interrupted.js';
import { lendRange } from './lend-range.js';

const HEAD = 16 * 1024;

/**
 * `source`, whose first 16 KiB are read once, when something in them is first asked for. An archive that was written metadata first
 * has its control files there, and they are asked for one after the other, some of them twice. Closing it closes `source`.
 */
export function keptHead(source: ByteSource): ByteSource {
  const { name, size } = source;
  const kept = Math.min(HEAD, size);
  let head: Promise<Uint8Array> | undefined;
  // Anything odd is for the source to refuse.
  const within = ({ offset, length }: ByteRange): boolean => Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= kept;
  const part = async ({ offset, length }: ByteRange): Promise<Uint8Array> => {
    head ??= source.read(0, kept);
    // A copy: it belongs to the receiver.
    return new Uint8Array((await head).subarray(offset, offset + length));
  };
  const partStream = async function* (range: ByteRange, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfInterrupted(signal, `reading ${name}`);
    yield await part(range);
  };
  return {
    name, size,
    read: (offset, length) => (within({ offset, length }) ? part({ offset, length }) : source.read(offset, length)),
    stream: (range, signal) => (range !== undefined && within(range) ? partStream(range, signal) : source.stream(range, signal)),
    lend: (range, signal) => lendRange(source, range, signal),
    locate: (range) => source.locate(range),
    close: () => source.close(),
  };
}
