import type { KeyObject } from 'node:crypto';
import { throwIfInterrupted } from '../../content/interrupted.js';
import { ImgkitError } from '../../errors.js';
import type { SshPublicKey } from '../keys/ssh-public-key.js';
import type { Signer } from './signature.js';
import { signSsh } from './ssh-signature-algorithm.js';
import { encodeSshsig, SSHSIG_NAMESPACE, sshsigMessage } from './sshsig.js';

const HASH = 'sha512';

/** Signs as `ssh-keygen -Y sign -n imgkit-archive` does. Throws `key-refused` for a weak key; `name` is that of its file. */
export function createSshSigner(publicKey: SshPublicKey, key: KeyObject, name: string): Signer {
  if (publicKey.weakness !== undefined) throw new ImgkitError('key-refused', `${name}: ${publicKey.weakness}; use another key.`, { file: name });
  return {
    format: 'ssh',
    keyId: publicKey.fingerprint,
    sign: async (document, options) => {
      throwIfInterrupted(options?.signal, `signing with ${name}`);
      const message = sshsigMessage(document, SSHSIG_NAMESPACE, HASH);
      return encodeSshsig({ publicKey: publicKey.blob, namespace: SSHSIG_NAMESPACE, hash: HASH, ...signSsh(message, publicKey, key), tokenState: new Uint8Array() });
    },
  };
}
