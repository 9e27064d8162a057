import type { ByteSource } from '../../src/content/byte-source.js';
import { ImgkitError } from '../../src/errors.js';

/** Bytes in memory as a source that counts what is read of it. */
export interface MemorySource extends ByteSource {
  readonly reads: () => { readonly count: number; readonly bytes: number };
}

export function memorySource(bytes: Uint8Array, name = 'memory.tar'): MemorySource {
  let count = 0;
  let total = 0;
  const read = (offset: number, length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new ImgkitError('tar-truncated', `${name} ends early.`, { file: name, offset: bytes.length });
    count++;
    total += length;
    return bytes.subarray(offset, offset + length);
  };
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => read(offset, length),
    async *stream({ offset, length } = { offset: 0, length: bytes.length }) {
      for (let at = offset; at < offset + length; at += 1 << 20) yield read(at, Math.min(1 << 20, offset + length - at));
    },
    locate: () => undefined,
    close: async () => undefined,
    reads: () => ({ count, bytes: total }),
  };
}
