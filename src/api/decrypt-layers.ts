import type { DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import { readLayerIdentities } from '../crypto/encrypt/ocicrypt/layer-keys.js';
import { layerDecryption } from '../operations/encrypt/layer-decryption.js';
import { LayerSealing } from '../operations/encrypt/layer-sealing.js';
import { beginCall } from './begin-call.js';
import { changeLayers } from './change-layers.js';
import type { MakeOptions } from './make-options.js';
import { TEXT } from './option-kinds.js';
import { DECRYPTION } from './option-shapes.js';
import type { MoveResult } from './results.js';

export interface DecryptLayersOptions extends MakeOptions {
  readonly location: string;
  /** Private keys in PEM files (0600). */
  readonly identities: DecryptionOptions;
}

/**
 * Decrypts the layers of an image that ocicrypt (skopeo, imgkit...) encrypted. The image appears at the target only when every
 * layer matched its HMAC and came out as it was before (its digest, or its diffID). Throws `decryption-refused` when no key fits, `ciphertext-malformed` for a layer that was changed.
 */
export async function decryptLayers(options: DecryptLayersOptions): Promise<MoveResult> {
  beginCall(options, { location: TEXT, to: TEXT, identities: DECRYPTION });
  const { location, signal, onProgress } = options;
  const identities = await readLayerIdentities(options.identities.identities ?? [], options.identities, signal);
  return changeLayers(location, options, { format: 'hybrid', needsOci: false, change: (tools) => new LayerSealing(layerDecryption({ ...tools, identities, signal }), { ...tools, signal, onProgress }) });
}
