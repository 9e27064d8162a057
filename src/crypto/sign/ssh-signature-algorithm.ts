import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import { SSH_CURVES, type SshPublicKey } from '../keys/ssh-public-key.js';
import { sshMpint, SshReader, type Malformed } from '../keys/ssh-wire.js';
import type { Sshsig } from './sshsig.js';

/** RSA's algorithms by the digest they use. `ssh-rsa`, which is SHA-1, is not among them. */
const RSA_HASH: ReadonlyMap<string, string> = new Map([['rsa-sha2-512', 'sha512'], ['rsa-sha2-256', 'sha256']]);
/** The token's flag for "a person touched me". */
const USER_PRESENT = 1;
const TOKEN_STATE = 5;

/** Signs `message`. The key must be one that `publicKey` is the public half of. */
export function signSsh(message: Uint8Array, publicKey: SshPublicKey, key: KeyObject): Pick<Sshsig, 'algorithm' | 'signature'> {
  const { type } = publicKey;
  if (type === 'ssh-ed25519') return { algorithm: type, signature: sign(null, message, key) };
  if (type === 'ssh-rsa') return { algorithm: 'rsa-sha2-512', signature: sign('sha512', message, key) };
  const curve = SSH_CURVES.get(type);
  if (curve === undefined) throw new TypeError(`${type} does not sign here`);
  const pair = sign(curve.hash, message, { key, dsaEncoding: 'ieee-p1363' });
  return { algorithm: type, signature: Buffer.concat([sshMpint(pair.subarray(0, curve.size)), sshMpint(pair.subarray(curve.size))]) };
}

/**
 * True when the signature fits `message` and `publicKey`. The algorithm must be one that belongs to the type of the key.
 * Throws what `malformed` makes for a signature of a wrong shape.
 */
export function fitsSsh(message: Uint8Array, publicKey: SshPublicKey, { algorithm, signature, tokenState }: Sshsig, malformed: Malformed): boolean {
  const { type, key, application } = publicKey;
  if (tokenState.length !== (application === undefined ? 0 : TOKEN_STATE)) throw malformed('has a signature of a wrong length');
  const hash = type === 'ssh-rsa' ? RSA_HASH.get(algorithm) : undefined;
  if (type === 'ssh-rsa' ? hash === undefined : algorithm !== type) throw malformed(`is by the algorithm "${algorithm}", which does not belong to a key of type ${type}`);
  const signed = application === undefined ? message : Buffer.concat([sha256(application), tokenState, sha256(message)]);
  if (type === 'ssh-rsa') return verify(hash, signed, key, signature);
  if (key.asymmetricKeyType === 'ed25519') {
    if (signature.length !== 64) throw malformed('has a signature of a wrong length');
    return verify(null, signed, key, signature);
  }
  const curve = SSH_CURVES.get(application === undefined ? type : 'ecdsa-sha2-nistp256') as { readonly size: number; readonly hash: string };
  return verify(curve.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, ecdsaPair(signature, curve.size, malformed));
}

/** For a hardware key: whether it says that a person touched it. */
export function userWasPresent(tokenState: Uint8Array): boolean {
  return ((tokenState[0] ?? 0) & USER_PRESENT) !== 0;
}

function ecdsaPair(signature: Uint8Array, size: number, malformed: Malformed): Uint8Array {
  const reader = new SshReader(signature, malformed);
  const pair = new Uint8Array(2 * size);
  for (const end of [size, 2 * size]) {
    const half = reader.mpint();
    if (half.length > size) throw malformed('has a signature of a wrong length');
    pair.set(half, end - half.length);
  }
  reader.end();
  return pair;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
