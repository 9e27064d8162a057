import type { BlobSource } from '../content/byte-source.js';
import type { Compression } from '../content/compression.js';
import { decompress } from '../content/decompress.js';
import type { Descriptor } from '../content/descriptor.js';
import type { Digest } from '../content/digest.js';
import { hashedStream } from '../content/hashed-stream.js';
import { readAhead } from '../content/read-ahead.js';
import { openBlob } from '../content/verified-read.js';
import { ImgkitError } from '../errors.js';
import { requireDiffId } from '../image/diff-id.js';
import { inFile } from '../image/in-file.js';
import { isEncrypted, layerCompression } from '../image/media-type.js';
import type { Limits } from '../limits.js';
import type { WorkOptions } from '../progress.js';

/** One layer of an image, and where its bytes are. */
export interface ImageLayer {
  /** Base 0. */
  readonly number: number;
  /** For errors: the location and the layer's digest. */
  readonly name: string;
  readonly blobs: BlobSource;
  readonly descriptor: Descriptor;
  readonly compression: Compression;
  readonly diffId: Digest;
}

export interface ReadLayerOptions extends WorkOptions {
  readonly limits: Limits;
  /**
   * `digest`: the stored bytes are those that the manifest names. `diff-id` (default): the uncompressed ones are those
   * that the config names as well, which costs a second hash of all of them.
   */
  readonly proof?: 'digest' | 'diff-id' | undefined;
}

/** The layers of an image, base first; `location` is for errors. Throws `compression-unsupported` when one is encrypted. */
export function imageLayers(blobs: BlobSource, location: string, descriptors: readonly Descriptor[], diffIds: readonly Digest[]): readonly ImageLayer[] {
  return descriptors.map((descriptor, number) => {
    const { digest, mediaType } = descriptor;
    const name = `${location}: ${digest}`;
    const compression = layerCompression(mediaType);
    if (isEncrypted(mediaType) || compression === undefined) {
      throw new ImgkitError('compression-unsupported', `${name}: a layer of type ${mediaType} cannot be looked into${isEncrypted(mediaType) ? '; decrypt the image first' : ''}.`, { file: location, entry: digest });
    }
    return { number, name, blobs, descriptor, compression, diffId: diffIds[number] as Digest };
  });
}

/**
 * The uncompressed bytes of `layer`. They are a claim until the end: size and digest of the stored bytes and, unless
 * `proof` says otherwise, the diffID are checked there. Reports stored bytes as phase `read`. Throws as `openBlob` and `decompress` do, and `diffid-mismatch`.
 */
export async function* openLayer(layer: ImageLayer, { limits, signal, onProgress, proof = 'diff-id' }: ReadLayerOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { descriptor, compression, name, diffId } = layer;
  const { digest } = descriptor;
  const check = (found: Digest): void => requireDiffId(digest, diffId, found, name);
  try {
    const stored = watched(openBlob(layer.blobs, descriptor, signal), (done) => onProgress?.({ phase: 'read', item: digest, done, total: descriptor.size }));
    // The verified read of an uncompressed layer proves the diffID too, unless that is of another algorithm.
    const proven = compression === 'none' && digest.startsWith('sha256:');
    if (proven) check(digest);
    const plain = compression === 'none' ? stored : decompress(readAhead(stored), compression, { name, limits, signal });
    yield* proven || proof === 'digest' ? plain : hashedStream(plain, 'sha256', check);
  } catch (error) {
    throw inFile(error, name.slice(0, -digest.length - 2));
  }
}

async function* watched(chunks: AsyncIterable<Uint8Array>, onBytes: (done: number) => void): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    done += chunk.length;
    onBytes(done);
    yield chunk;
  }
}
