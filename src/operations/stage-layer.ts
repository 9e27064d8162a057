import type { Compression } from '../content/compression.js';
import type { Digest } from '../content/digest.js';
import { gzipParallel } from '../content/gzip-parallel.js';
import { hashedStream } from '../content/hashed-stream.js';
import type { LentChunk } from '../content/lent-chunk.js';
import { zstdCompress } from '../content/zstd-compress.js';
import type { DraftLayer } from '../image/derive.js';
import type { ImageSink } from '../image/image-sink.js';
import { layerTypeFor, type MediaFamily } from '../image/media-type.js';
import type { WorkOptions } from '../progress.js';

export interface StageOptions extends WorkOptions {
  readonly compression: Compression;
  readonly level?: number | 'fast' | undefined;
  readonly family: MediaFamily;
}

/** Compresses the uncompressed layer `plain` on its way into `sink`. Throws what `plain` throws, `disk-full`, `interrupted`. */
export async function stageLayer(plain: AsyncIterable<LentChunk>, sink: ImageSink, options: StageOptions): Promise<DraftLayer> {
  const { compression, level, family, signal } = options;
  const mediaType = layerTypeFor(family, compression);
  if (compression === 'none') {
    const staged = await sink.stage(plain, { signal });
    return { descriptor: { mediaType, ...staged }, diffId: staged.digest };
  }
  let diffId: Digest | undefined;
  const hashed = hashedStream(plain, 'sha256', (found) => { diffId = found; });
  const numeric = typeof level === 'number' ? { level } : level === 'fast' ? { level: 1 } : {};
  const packed = compression === 'gzip' ? gzipParallel(hashed, { ...numeric, lent: true, signal }) : zstdCompress(hashed, { ...numeric, signal });
  const { digest, size } = await sink.stage(packed, { signal });
  return { descriptor: { mediaType, digest, size }, diffId: diffId as Digest };
}
