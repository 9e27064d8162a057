import type { Digest } from '../../content/digest.js';
import type { BlobPool } from '../../content/worker-pool.js';
import { PUBLIC_OPTIONS, withoutEncryption } from '../../crypto/encrypt/ocicrypt/annotations.js';
import { requireHmac } from '../../crypto/encrypt/ocicrypt/layer-cipher.js';
import type { LayerIdentity } from '../../crypto/encrypt/ocicrypt/layer-keys.js';
import { decodePublicOptions } from '../../crypto/encrypt/ocicrypt/layer-options.js';
import { unwrapLayerKey } from '../../crypto/encrypt/ocicrypt/wrap-layer-key.js';
import { ImgkitError } from '../../errors.js';
import { requireDiffId } from '../../image/diff-id.js';
import { isEncrypted, layerCompression, layerTypeFor } from '../../image/media-type.js';
import type { Limits } from '../../limits.js';
import type { LayerSealer } from './layer-sealing.js';

export interface LayerDecryptionOptions {
  readonly identities: readonly LayerIdentity[];
  readonly pool: BlobPool;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decrypts the layers that ocicrypt encrypted. A layer counts when its HMAC is right, which pins its ciphertext as its digest
 * would, and when what came out is what was put in: it has the digest that the sender wrapped with the key, or else the diffID
 * that the config asks for. The HMAC alone would not do: it says nothing about the nonce.
 */
export function layerDecryption({ identities, pool, limits, signal }: LayerDecryptionOptions): LayerSealer {
  const made = new Map<Digest, string>();
  return {
    reason: 'its layers were decrypted, and a manifest names its layers by their stored bytes',
    changes: isEncrypted,
    family: (current) => current,
    async plan({ layer, diffId }, family, name) {
      const annotations = layer.annotations ?? new Map<string, string>();
      const { digest: before, ...key } = await unwrapLayerKey(annotations, identities, name, limits);
      const expected = decodePublicOptions(annotations.get(PUBLIC_OPTIONS) ?? '', name, limits);
      const compression = layerCompression(layer.mediaType) ?? 'none';
      const same = `${diffId} ${before ?? ''}`;
      return {
        pass: { seal: 'decrypt', ...key },
        same,
        async prove({ digest, hmac }, input) {
          requireHmac(expected, hmac, name);
          if (compression === 'none') requireDiffId(layer.digest, diffId, digest, name);
          else if (digest !== before) {
            // skopeo compresses and encrypts in one go, and wraps the digest of what it had before that.
            const found = await pool.run({ name, input, compression, algorithm: 'sha256', scanLayer: false, limits }, { signal });
            requireDiffId(layer.digest, diffId, found.diffId, name);
          }
          if ((made.get(digest) ?? same) !== same) throw new ImgkitError('ciphertext-malformed', `${name}: holds the same bytes as another layer, and the image says different things about the two; it was damaged or changed, get it again.`, { entry: layer.digest });
          made.set(digest, same);
        },
        describe({ digest, size }) {
          const kept = withoutEncryption(annotations);
          const { annotations: _, ...rest } = layer;
          return Promise.resolve({ ...rest, mediaType: layerTypeFor(family, compression), digest, size, ...(kept.size > 0 ? { annotations: kept } : {}) });
        },
      };
    },
  };
}
