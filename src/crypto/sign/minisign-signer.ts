import { sign } from 'node:crypto';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { blake2b512 } from '../keys/blake2b.js';
import type { MinisignSecretKey } from '../keys/minisign-secret-key.js';
import { encodeMinisignFile, MINISIGN } from './minisign-file.js';
import type { Signer } from './signature.js';

/** Signs as `minisign -S -H` does: prehashed. */
export function createMinisignSigner({ id, keyId, key }: MinisignSecretKey): Signer {
  return {
    format: 'minisign',
    keyId,
    sign: async (document, options) => {
      throwIfInterrupted(options?.signal, `signing with ${keyId}`);
      const signature = sign(null, blake2b512(document), key);
      const seconds = Math.floor((options?.at ?? new Date()).getTime() / 1000);
      const trustedComment = [`timestamp:${seconds}`, ...(options?.name === undefined ? [] : [`file:${options.name}`]), 'hashed'].join('\t');
      const globalSignature = sign(null, Buffer.concat([signature, Buffer.from(trustedComment)]), key);
      return encodeMinisignFile({ algorithm: MINISIGN.prehashed, id, signature, trustedComment, globalSignature }, `signature from minisign secret key ${keyId}`);
    },
  };
}
