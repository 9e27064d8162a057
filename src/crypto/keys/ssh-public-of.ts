import { createPublicKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { readSshPublicKey, SSH_CURVES, type SshPublicKey } from './ssh-public-key.js';
import { sshMpint, sshString } from './ssh-wire.js';

/** The public half of a private key from another kind of file, as OpenSSH knows it. Throws `key-refused` for a type that it does not know. */
export function sshPublicKeyOf(key: KeyObject, name: string): SshPublicKey {
  const refused = (problem: string): ImgkitError => new ImgkitError('key-refused', `${name}: ${problem}; use Ed25519, ECDSA on a NIST curve, or RSA.`, { file: name });
  const blob = encode(createPublicKey(key));
  const publicKey = blob === undefined ? undefined : readSshPublicKey(blob, (problem) => refused(`the key ${problem}`));
  if (publicKey === undefined) throw refused('is a key of a type that SSH does not have');
  return publicKey;
}

function encode(key: KeyObject): Uint8Array | undefined {
  const type = key.asymmetricKeyType;
  if (type !== 'ed25519' && type !== 'ec' && type !== 'rsa') return undefined;
  const { crv, x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64url');
  if (type === 'ed25519') return Buffer.concat([sshString('ssh-ed25519'), sshString(bytes(x))]);
  if (type === 'rsa') return Buffer.concat([sshString('ssh-rsa'), sshMpint(bytes(e)), sshMpint(bytes(n))]);
  const [name, curve] = [...SSH_CURVES].find(([, each]) => each.jwk === crv) ?? [];
  if (name === undefined || curve === undefined) return undefined;
  return Buffer.concat([sshString(name), sshString(curve.ssh), sshString(Buffer.concat([Uint8Array.of(4), bytes(x), bytes(y)]))]);
}
