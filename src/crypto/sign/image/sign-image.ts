import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { encodeBase64 } from '../../keys/base64-strict.js';
import { cosignPublicKey, keyHint } from '../../keys/cosign-public-key.js';
import { dssePreimage, encodeImageBundle } from './image-bundle.js';
import { encodeInToto, IN_TOTO } from './in-toto.js';
import { encodeSimpleSigning, type ImageClaim } from './simple-signing.js';

/** Both forms in which cosign keeps a signature of an image. */
export interface ImageSignature {
  readonly keyId: string;
  /** The payload of simple signing, and base64 of the signature over it. */
  readonly payload: Uint8Array;
  readonly signature: string;
  /** The sigstore bundle over an in-toto statement: the form of cosign 3. */
  readonly bundle: Uint8Array;
}

/** Signs the digest of an image. `name` is that of the key, for messages. Throws `key-refused` for a key that is weak or of a type that is not accepted. */
export function signImageClaim(claim: ImageClaim, key: KeyObject, name: string): ImageSignature {
  const publicKey = createPublicKey(key);
  const { hash, keyId, weakness } = cosignPublicKey(publicKey, name);
  if (weakness !== undefined) throw new ImgkitError('key-refused', `${name}: ${weakness}; use another key.`, { file: name });
  const payload = encodeSimpleSigning(claim);
  const statement = encodeInToto(claim);
  return {
    keyId, payload,
    signature: encodeBase64(sign(hash, payload, key)),
    bundle: encodeImageBundle(statement, sign(hash, dssePreimage(IN_TOTO, statement), key), keyHint(publicKey)),
  };
}
