import { readLayerIdentities, readLayerRecipients } from '../crypto/encrypt/ocicrypt/layer-keys.js';
import type { DecryptionOptions } from '../crypto/encrypt/age/read-identities.js';
import { ImgkitError } from '../errors.js';
import { shownLocation } from '../image/location-url.js';
import { layerEncryption } from '../operations/encrypt/layer-encryption.js';
import { LayerSealing } from '../operations/encrypt/layer-sealing.js';
import { beginCall } from './begin-call.js';
import { changeLayers } from './change-layers.js';
import type { MakeOptions } from './make-options.js';
import { TEXT, TEXTS } from './option-kinds.js';
import { DECRYPTION } from './option-shapes.js';
import type { MoveResult } from './results.js';

export interface EncryptLayersOptions extends MakeOptions {
  readonly location: string;
  /** PEM files: public keys (RSA, or EC on P-256, P-384 or P-521) or RSA certificates of those who shall open the layers. */
  readonly recipients: readonly string[];
  /** Private keys that open layers that are encrypted already: those get the new recipients besides the old. */
  readonly identities?: DecryptionOptions | undefined;
}

/**
 * Encrypts the layers of an image as ocicrypt does, so that skopeo, containerd and CRI-O open them: AES-256-CTR with an
 * HMAC, the key of each layer wrapped as JWE or PKCS#7. Manifest and config stay readable, with names, history and
 * environment: the result says so. Layers that are encrypted already only get the new recipients; those that their publisher does not let
 * others distribute, and artifacts, stay as they are. Throws `image-not-found` where there is nothing else, `usage`, `key-malformed`,
 * `key-refused`, `decryption-refused`.
 */
export async function encryptLayers(options: EncryptLayersOptions): Promise<MoveResult> {
  beginCall(options, { location: TEXT, to: TEXT, recipients: TEXTS, 'identities?': DECRYPTION });
  const { location, recipients: paths, signal, onProgress } = options;
  if (paths.length === 0) throw new ImgkitError('usage', 'There is nobody to encrypt for; name a public key or a certificate (-r key.pem).');
  const recipients = await readLayerRecipients(paths, signal);
  const identities = await readLayerIdentities(options.identities?.identities ?? [], options.identities ?? {}, signal);
  const result = await changeLayers(location, options, { format: 'oci', needsOci: true, change: (tools) => new LayerSealing(layerEncryption({ ...tools, recipients, identities }), { ...tools, signal, onProgress }) });
  const message = 'the layers are encrypted; manifest and config (names, history, environment, labels) stay readable for everyone, and nothing says who encrypted them, so sign the result';
  return { ...result, notes: [...result.notes, { check: 'config', status: 'note', subject: shownLocation(location), message }] };
}
