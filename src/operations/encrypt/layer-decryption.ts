import type { Descriptor } from '../../content/descriptor.js';
import type { Digest } from '../../content/digest.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { PUBLIC_OPTIONS, withoutEncryption } from '../../crypto/encrypt/ocicrypt/annotations.js';
import { decryptLayer } from '../../crypto/encrypt/ocicrypt/layer-cipher.js';
import type { LayerIdentity } from '../../crypto/encrypt/ocicrypt/layer-keys.js';
import { decodePublicOptions } from '../../crypto/encrypt/ocicrypt/layer-options.js';
import { unwrapLayerKey } from '../../crypto/encrypt/ocicrypt/wrap-layer-key.js';
import type { ImageSink, TransferBlob } from '../../image/image-sink.js';
import type { ImageSource } from '../../image/image-source.js';
import { isEncrypted, layerCompression, layerTypeFor, type MediaFamily } from '../../image/media-type.js';
import type { Limits } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';
import type { LayerChange } from '../layer-change.js';
import { provenChunks } from './proven-chunks.js';

export interface LayerDecryptionOptions extends WorkOptions {
  readonly identities: readonly LayerIdentity[];
  readonly sink: ImageSink;
  readonly pool: BlobPool;
  readonly limits: Limits;
}

/** Decrypts the layers that ocicrypt encrypted. A layer becomes part of the image only when its HMAC was right. */
export class LayerDecryption implements LayerChange {
  readonly learned = new Map<Digest, number>();
  readonly reason = 'its layers were decrypted, and a manifest names its layers by their stored bytes';
  readonly #options: LayerDecryptionOptions;
  readonly #done = new Map<Digest, Descriptor>();

  constructor(options: LayerDecryptionOptions) {
    this.#options = options;
  }

  changes(mediaType: string): boolean {
    return isEncrypted(mediaType) && layerCompression(mediaType) !== undefined;
  }

  family(current: MediaFamily): MediaFamily {
    return current;
  }

  async convert(source: ImageSource, layer: Descriptor, _diffId: Digest, family: MediaFamily): Promise<TransferBlob> {
    const name = `${source.location}: ${layer.digest}`;
    const descriptor = this.#done.get(layer.digest) ?? (await this.#decrypt(source, layer, family, name));
    this.#done.set(layer.digest, descriptor);
    return { descriptor, from: { blobs: source.blobs, digest: layer.digest, size: layer.size, name }, size: 'exact' };
  }

  async #decrypt(source: ImageSource, layer: Descriptor, family: MediaFamily, name: string): Promise<Descriptor> {
    const { sink, identities, limits, signal, onProgress } = this.#options;
    const annotations = layer.annotations ?? new Map<string, string>();
    const secret = await unwrapLayerKey(annotations, identities, name, limits);
    const hmac = decodePublicOptions(annotations.get(PUBLIC_OPTIONS) ?? '', name, limits);
    const sealed = provenChunks(source.blobs, layer, name, this.#options, (done) => onProgress?.({ phase: 'decrypt', item: layer.digest, done, total: layer.size }));
    const staged = await sink.stage(decryptLayer(sealed, secret, hmac, name, signal), { signal });
    const kept = withoutEncryption(annotations);
    const { annotations: _, ...rest } = layer;
    return { ...rest, mediaType: layerTypeFor(family, layerCompression(layer.mediaType) ?? 'none'), ...staged, ...(kept.size > 0 ? { annotations: kept } : {}) };
  }
}
