import type { Descriptor } from '../../content/descriptor.js';
import { digestAlgorithm } from '../../content/digest.js';
import { PUBLIC_OPTIONS } from '../../crypto/encrypt/ocicrypt/annotations.js';
import { newLayerKey } from '../../crypto/encrypt/ocicrypt/layer-cipher.js';
import type { LayerIdentity, LayerRecipients } from '../../crypto/encrypt/ocicrypt/layer-keys.js';
import { encodePublicOptions } from '../../crypto/encrypt/ocicrypt/layer-options.js';
import { unwrapLayerKey, wrapLayerKey } from '../../crypto/encrypt/ocicrypt/wrap-layer-key.js';
import { ImgkitError } from '../../errors.js';
import { isEncrypted, isNonDistributable, layerCompression, layerTypeFor } from '../../image/media-type.js';
import type { Limits } from '../../limits.js';
import type { LayerSealer, LayerTurn } from './layer-sealing.js';

export interface LayerEncryptionOptions {
  readonly recipients: LayerRecipients;
  /** Open layers that are encrypted already, so that recipients can be added without encrypting them again. */
  readonly identities: readonly LayerIdentity[];
  readonly limits: Limits;
}

/** Encrypts layers as ocicrypt does, each with a key of its own; those that are encrypted already only get more recipients. */
export function layerEncryption({ recipients, identities, limits }: LayerEncryptionOptions): LayerSealer {
  return {
    reason: 'its layers were encrypted, and a manifest names its layers by their stored bytes',
    changes: (mediaType) => !isNonDistributable(mediaType),
    // Docker's manifests have no encrypted layers.
    family: () => 'oci',
    async plan({ layer }, _family, name) {
      if (!isEncrypted(layer.mediaType)) return encryption(layer, recipients);
      if (identities.length === 0) throw new ImgkitError('usage', `${name} is encrypted already; to add recipients, name a key that opens it (--identity key.pem).`, { entry: layer.digest });
      const annotations = layer.annotations ?? new Map<string, string>();
      return { ...layer, annotations: await wrapLayerKey(annotations, await unwrapLayerKey(annotations, identities, name, limits), recipients) };
    },
  };
}

function encryption(layer: Descriptor, recipients: LayerRecipients): LayerTurn {
  const key = newLayerKey();
  return {
    pass: { seal: 'encrypt', ...key, algorithm: digestAlgorithm(layer.digest) },
    same: layer.digest,
    async describe({ digest, size, hmac }) {
      const { urls: _, ...rest } = layer;
      const annotations = new Map(layer.annotations).set(PUBLIC_OPTIONS, encodePublicOptions(hmac));
      const mediaType = `${layerTypeFor('oci', layerCompression(layer.mediaType) ?? 'none')}+encrypted`;
      return { ...rest, mediaType, digest, size, annotations: await wrapLayerKey(annotations, { ...key, digest: layer.digest }, recipients) };
    },
  };
}
