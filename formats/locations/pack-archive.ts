import type { Compression } from '../../src/content/compression.js';
import { countedChunks } from '../../src/content/counted-chunks.js';
import { gzipParallel } from '../../src/content/gzip-parallel.js';
import { zstdCompress } from '../../src/content/zstd-compress.js';
import type { AgeEncryption } from '../../src/crypto/encrypt/age/encrypt-age.js';

/** What goes around a whole archive, from the inside out. */
export interface Packing {
  readonly compression: Compression;
  readonly age?: AgeEncryption | undefined;
}

/** An archive as it goes out. */
export interface PackedArchive {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes that have gone out so far. */
  readonly bytes: () => number;
}

/** `chunks` compressed, then encrypted, as `packing` says: one pass. */
export function packArchive(chunks: AsyncIterable<Uint8Array>, { compression, age }: Packing, name: string, signal: AbortSignal | undefined): PackedArchive {
  const packed = compression === 'none' ? chunks : compression === 'gzip' ? gzipParallel(chunks, { signal }) : zstdCompress(chunks, { signal });
  let bytes = 0;
  const out = age === undefined ? packed : age.encrypt(packed, { name, signal });
  return { chunks: countedChunks(out, (done) => { bytes = done; }), bytes: () => bytes };
}

/** The exact size of what {@link packArchive} gives for `size` bytes; undefined when it is compressed. */
export function packedSize(size: number, { compression, age }: Packing): number | undefined {
  return compression === 'none' ? (age?.size(size) ?? size) : undefined;
}
