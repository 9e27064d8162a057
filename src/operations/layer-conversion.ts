import type { Compression } from '../content/compression.js';
import { runConcurrently } from '../content/concurrent.js';
import { countedChunks } from '../content/counted-chunks.js';
import { decompress } from '../content/decompress.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { hashedStream } from '../content/hashed-stream.js';
import { requireDiffId } from '../image/diff-id.js';
import { inFile } from '../image/in-file.js';
import { gzipParallel, type GzipOptions } from '../content/gzip-parallel.js';
import { predictDecompressedSize } from '../content/predict-size.js';
import { openBlob, openLentBlob } from '../content/verified-read.js';
import type { BlobPool } from '../content/worker-pool.js';
import { zstdCompress } from '../content/zstd-compress.js';
import type { ImageSink, TransferBlob } from '../image/image-sink.js';
import type { ImageSource } from '../image/image-source.js';
import { isEncrypted, layerCompression, layerTypeFor, type MediaFamily } from '../image/media-type.js';
import { storedCompression } from '../image/stored-compression.js';
import type { Limits } from '../limits.js';
import { announce, type WorkOptions } from '../progress.js';
import type { LayerChange, LayerToChange } from './layer-change.js';

export interface ConversionOptions extends WorkOptions {
  readonly compression: Compression;
  readonly level?: number | 'fast' | undefined;
  readonly sink: ImageSink;
  readonly pool: BlobPool;
  readonly limits: Limits;
}

/** One is read, ended and synced while the other is compressed, which takes all processors. */
const LAYERS_AT_ONCE = 2;

/** Turns layers into another compression; remembers what it did, so that a layer shared by images is done once. */
export class LayerConversion implements LayerChange {
  /** Sizes of decompressed layers that earlier attempts proved. */
  readonly learned = new Map<Digest, number>();
  readonly reason = 'its layers changed their compression, and a manifest names its layers by their compressed bytes';
  readonly #options: ConversionOptions;
  readonly #staged = new Map<Digest, { readonly digest: Digest; readonly size: number }>();

  constructor(options: ConversionOptions) {
    this.#options = options;
  }

  /** Where the media type says one thing of a layer and its content another, both have to be what is asked for. */
  changes({ layer, diffId }: LayerToChange): boolean {
    const { compression } = this.#options;
    return !isEncrypted(layer.mediaType) && (layerCompression(layer.mediaType) !== compression || storedCompression(layer, diffId) !== compression);
  }

  /** The media types to write: Docker's have no zstd. */
  family(current: MediaFamily): MediaFamily {
    return this.#options.compression === 'zstd' ? 'oci' : current;
  }

  async prepare(source: ImageSource, layers: readonly LayerToChange[]): Promise<void> {
    const { compression, sink, onProgress, signal } = this.#options;
    const fresh = layers.filter(({ diffId }, i) => !this.#staged.has(diffId) && layers.findIndex((other) => other.diffId === diffId) === i);
    // zstd has one thread.
    if (compression !== 'gzip' || !sink.stagesTogether || fresh.length < 2) return;
    announce(onProgress, 'compress', fresh.flatMap(({ layer, diffId }) => {
      const size = plainSize(layer, diffId);
      return size === undefined ? [] : [[diffId, size] as const];
    }));
    await runConcurrently(fresh, { limit: LAYERS_AT_ONCE, signal, cost: ({ layer }) => layer.size }, async ({ layer, diffId }, stop) => {
      this.#staged.set(diffId, await this.#compress(source, layer, diffId, { streams: LAYERS_AT_ONCE, signal: stop }));
    });
  }

  /** `layer` as the target will hold it. */
  async convert(source: ImageSource, layer: Descriptor, diffId: Digest, family: MediaFamily): Promise<TransferBlob> {
    const { compression } = this.#options;
    const mediaType = layerTypeFor(family, compression);
    const from = { blobs: source.blobs, digest: layer.digest, size: layer.size, name: `${source.location}: ${layer.digest}` };
    if (compression === 'none') {
      const stored = storedCompression(layer, diffId) ?? 'none';
      return stored === 'none' ? { descriptor: { mediaType, digest: layer.digest, size: layer.size }, from, size: 'exact' } : this.#decompressed(mediaType, from, stored, diffId);
    }
    const staged = this.#staged.get(diffId) ?? (await this.#compress(source, layer, diffId, { signal: this.#options.signal }));
    this.#staged.set(diffId, staged);
    const { annotations: _, urls: __, ...rest } = layer;
    return { descriptor: { ...rest, mediaType, ...staged }, from, size: 'exact' };
  }

  async #decompressed(mediaType: string, from: TransferBlob['from'], compression: 'gzip' | 'zstd', diffId: Digest): Promise<TransferBlob> {
    const learned = this.learned.get(diffId);
    const range = learned === undefined ? await from.blobs.locate(from.digest) : undefined;
    const predicted = range && (await predictDecompressedSize(range, compression));
    const size = learned ?? predicted?.size ?? 0;
    return { descriptor: { mediaType, digest: diffId, size }, from, decompress: compression, size: learned === undefined ? 'guess' : 'exact' };
  }

  async #compress(source: ImageSource, layer: Descriptor, diffId: Digest, { streams, signal }: Pick<GzipOptions, 'streams' | 'signal'>): Promise<{ digest: Digest; size: number }> {
    const { compression, level, sink, limits, onProgress } = this.#options;
    const from = storedCompression(layer, diffId) ?? 'none';
    const name = `${source.location}: ${layer.digest}`;
    const plain = from === 'none' ? openLentBlob(source.blobs, layer, name, signal) : decompress(openBlob(source.blobs, layer, signal), from, { name, limits, signal });
    const total = plainSize(layer, diffId);
    const watched = countedChunks(plain, (done) => onProgress?.({ phase: 'compress', item: diffId, done, total }));
    // Where digest and diffID are one, the verified read proves both.
    const checked = layer.digest === diffId ? watched : hashedStream(watched, 'sha256', (found) => requireDiffId(layer.digest, diffId, found, name));
    const numeric = typeof level === 'number' ? { level } : {};
    const packed = compression === 'gzip' ? gzipParallel(checked, { level, streams, lent: true, signal }) : zstdCompress(checked, { ...(level === 'fast' ? { level: 1 } : numeric), signal });
    try {
      return await sink.stage(packed, { signal });
    } catch (error) {
      throw inFile(error, source.location);
    }
  }
}

/** Where it is known without a look. */
function plainSize(layer: Descriptor, diffId: Digest): number | undefined {
  return (storedCompression(layer, diffId) ?? 'none') === 'none' ? layer.size : undefined;
}
