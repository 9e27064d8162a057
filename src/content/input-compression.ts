import { sniffCompression, type Compression } from './compression.js';
import { decompress, type DecompressOptions } from './decompress.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { throwIfInterrupted } from './interrupted.js';

/** How a tar that a user brings is compressed. Images hold {@link Compression} alone: nobody reads the others there. */
export type InputCompression = Compression | 'xz' | 'bzip2';

/** Judged by magic number alone; `head` needs 4 bytes. */
export function sniffInput(head: Uint8Array): InputCompression {
  if (head[0] === 0xfd && head[1] === 0x37 && head[2] === 0x7a && head[3] === 0x58) return 'xz';
  if (head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68) return 'bzip2';
  return sniffCompression(head);
}

/** As {@link decompress}, xz and bzip2 too; their decoders are loaded when they are needed. */
export async function* decompressInput(chunks: AsyncIterable<Uint8Array>, compression: InputCompression, options: DecompressOptions): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression !== 'xz' && compression !== 'bzip2') return yield* decompress(chunks, compression, options);
  const { name, limits = DEFAULT_LIMITS, signal } = options;
  const decoded = compression === 'xz'
    ? (await import('./unxz-stream.js')).unxzStream(chunks, { name, limits })
    : (await import('./bunzip2-stream.js')).bunzip2Stream(chunks, { name, limits });
  for await (const chunk of decoded) {
    throwIfInterrupted(signal, `decompressing ${name}`);
    yield chunk;
  }
}
