import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import { cosignPublicKey, keyHint } from '../keys/cosign-public-key.js';
import type { Signer } from './signature.js';
import { encodeSigstoreBundle } from './sigstore-bundle.js';

/** Signs as `cosign sign-blob --key` does, into a sigstore bundle. Throws `key-refused` for a key that is weak or of a type that is not accepted. */
export function createCosignSigner(key: KeyObject, name: string): Signer {
  const publicKey = createPublicKey(key);
  const { hash, keyId, weakness } = cosignPublicKey(publicKey, name);
  if (weakness !== undefined) throw new ImgkitError('key-refused', `${name}: ${weakness}; use another key.`, { file: name });
  return {
    format: 'cosign',
    keyId,
    sign: async (document, options) => {
      throwIfInterrupted(options?.signal, `signing with ${name}`);
      return encodeSigstoreBundle(document, sign(hash, document, key), keyHint(publicKey));
    },
  };
}
