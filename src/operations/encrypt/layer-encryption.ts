import type { Descriptor } from '../../content/descriptor.js';
import type { Digest } from '../../content/digest.js';
import { encryptLayer, newLayerKey } from '../../crypto/encrypt/ocicrypt/layer-cipher.js';
import type { LayerIdentity, LayerRecipients } from '../../crypto/encrypt/ocicrypt/layer-keys.js';
import { encodePublicOptions } from '../../crypto/encrypt/ocicrypt/layer-options.js';
import { PUBLIC_OPTIONS } from '../../crypto/encrypt/ocicrypt/annotations.js';
import { unwrapLayerKey, wrapLayerKey } from '../../crypto/encrypt/ocicrypt/wrap-layer-key.js';
import { ImgkitError } from '../../errors.js';
import type { ImageSink, TransferBlob } from '../../image/image-sink.js';
import type { ImageSource } from '../../image/image-source.js';
import { isEncrypted, isNonDistributable, layerCompression, layerTypeFor, type MediaFamily } from '../../image/media-type.js';
import type { Limits } from '../../limits.js';
import type { WorkOptions } from '../../progress.js';
import type { BlobPool } from '../../content/worker-pool.js';
import type { LayerChange } from '../layer-change.js';
import { provenChunks } from './proven-chunks.js';

export interface LayerEncryptionOptions extends WorkOptions {
  readonly recipients: LayerRecipients;
  /** Open layers that are encrypted already, so that recipients can be added without encrypting them again. */
  readonly identities: readonly LayerIdentity[];
  readonly sink: ImageSink;
  readonly pool: BlobPool;
  readonly limits: Limits;
}

/** Encrypts layers as ocicrypt does, each with a key of its own; those that are encrypted already only get more recipients. */
export class LayerEncryption implements LayerChange {
  readonly learned = new Map<Digest, number>();
  readonly reason = 'its layers were encrypted, and a manifest names its layers by their stored bytes';
  readonly #options: LayerEncryptionOptions;
  readonly #done = new Map<Digest, Descriptor>();

  constructor(options: LayerEncryptionOptions) {
    this.#options = options;
  }

  changes(mediaType: string): boolean {
    return layerCompression(mediaType) !== undefined && !isNonDistributable(mediaType);
  }

  /** Docker's manifests have no encrypted layers. */
  family(_current: MediaFamily): MediaFamily {
    return 'oci';
  }

  async convert(source: ImageSource, layer: Descriptor): Promise<TransferBlob> {
    const name = `${source.location}: ${layer.digest}`;
    const descriptor = this.#done.get(layer.digest) ?? (isEncrypted(layer.mediaType) ? await this.#share(layer, name) : await this.#encrypt(source, layer, name));
    this.#done.set(layer.digest, descriptor);
    return { descriptor, from: { blobs: source.blobs, digest: layer.digest, size: layer.size, name }, size: 'exact' };
  }

  async #share(layer: Descriptor, name: string): Promise<Descriptor> {
    const { identities, recipients, limits } = this.#options;
    if (identities.length === 0) throw new ImgkitError('usage', `${name} is encrypted already; to add recipients, name a key that opens it (--identity key.pem).`, { entry: layer.digest });
    const annotations = layer.annotations ?? new Map<string, string>();
    const secret = await unwrapLayerKey(annotations, identities, name, limits);
    return { ...layer, annotations: await wrapLayerKey(annotations, secret, recipients) };
  }

  async #encrypt(source: ImageSource, layer: Descriptor, name: string): Promise<Descriptor> {
    const { sink, recipients, signal, onProgress } = this.#options;
    const key = newLayerKey();
    let hmac: Uint8Array | undefined;
    const plain = provenChunks(source.blobs, layer, name, this.#options, (done) => onProgress?.({ phase: 'encrypt', item: layer.digest, done, total: layer.size }));
    const staged = await sink.stage(encryptLayer(plain, key, (found) => (hmac = found), signal), { signal });
    if (hmac === undefined) throw new TypeError('the sink did not take the whole layer');
    const compression = layerCompression(layer.mediaType) ?? 'none';
    const { urls: _, ...rest } = layer;
    const annotations = new Map(layer.annotations).set(PUBLIC_OPTIONS, encodePublicOptions(hmac));
    return { ...rest, mediaType: `${layerTypeFor('oci', compression)}+encrypted`, ...staged, annotations: await wrapLayerKey(annotations, { ...key, digest: layer.digest }, recipients) };
  }
}
