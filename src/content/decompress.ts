import { DEFAULT_LIMITS, type Limits } from '../limits.js';
import type { Compression } from './compression.js';
import { createDecoder, prepareDecoder, type DecoderOptions } from './decoder.js';
import { gunzipStream } from './gunzip-stream.js';
import { throwIfInterrupted } from './interrupted.js';
import { lentBytes, type LentChunk } from './lent-chunk.js';

export interface DecompressOptions {
  /** As the user named the compressed bytes; used in errors. */
  readonly name: string;
  readonly limits?: Limits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The decompressed bytes of `chunks`, in large chunks that belong to the receiver; with `none` they pass through, lent or not.
 * gzip may have many members and end in zeros, zstd many frames. Throws `compression-malformed` on damage, truncation
 * and trailing garbage, `limit-exceeded` past `compressionRatio` or a 128 MiB zstd window, `interrupted`.
 */
export function decompress(chunks: AsyncIterable<Uint8Array>, compression: Compression, options: DecompressOptions): AsyncGenerator<Uint8Array, void, undefined>;
export function decompress(chunks: AsyncIterable<LentChunk>, compression: Compression, options: DecompressOptions): AsyncGenerator<LentChunk, void, undefined>;
export async function* decompress(chunks: AsyncIterable<LentChunk>, compression: Compression, options: DecompressOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, limits = DEFAULT_LIMITS, signal } = options;
  const decoded = compression === 'none' ? (chunks as AsyncIterable<Uint8Array>) : compression === 'gzip' ? gunzipStream(chunks, { name, limits }) : unzstd(chunks, { name, limits });
  for await (const chunk of decoded) {
    throwIfInterrupted(signal, `decompressing ${name}`);
    yield chunk;
  }
  throwIfInterrupted(signal, `decompressing ${name}`);
}

async function* unzstd(chunks: AsyncIterable<LentChunk>, options: DecoderOptions): AsyncGenerator<Uint8Array> {
  await prepareDecoder('zstd');
  const decoder = createDecoder('zstd', options);
  const ready: Uint8Array[] = [];
  const keep = (chunk: Uint8Array): unknown => ready.push(chunk.slice());
  try {
    for await (const chunk of chunks) {
      decoder.push(lentBytes(chunk), keep);
      yield* ready.splice(0);
    }
    decoder.end(keep);
    yield* ready;
  } finally {
    decoder.close();
  }
}
