import type { ByteRange, ByteSource } from './byte-source.js';
import { endsEarly } from './handle-source.js';
import { throwIfInterrupted } from './interrupted.js';

const CHUNK = 1024 * 1024;

/** `bytes` as a {@link ByteSource} named `name`; each read is a copy, so that receivers may change theirs. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  const size = bytes.length;
  const check = ({ offset, length }: ByteRange): void => {
    if (offset < 0 || length < 0) throw new RangeError(`${name}: ${length} bytes at ${offset} is not a range.`);
    if (offset + length > size) throw endsEarly(name, size, offset + length);
  };
  return {
    name,
    size,
    async read(offset, length) {
      check({ offset, length });
      return bytes.slice(offset, offset + length);
    },
    async *stream(range = { offset: 0, length: size }, signal) {
      check(range);
      const end = range.offset + range.length;
      for (let at = range.offset; at < end; at += CHUNK) {
        throwIfInterrupted(signal, `reading ${name}`);
        yield bytes.slice(at, Math.min(at + CHUNK, end));
      }
    },
    locate: () => undefined,
    close: async () => undefined,
  };
}
