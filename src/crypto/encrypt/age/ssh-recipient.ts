import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../../errors.js';
import { parseSshPublicLine } from '../../keys/ssh-public-line.js';
import { sshFingerprint } from '../../keys/ssh-public-key.js';
import { sshMpint, sshString } from '../../keys/ssh-wire.js';
import type { AgeIdentity, AgeRecipient } from './recipient.js';
import { sshEd25519Identity, sshEd25519Recipient } from './ssh-ed25519.js';
import { sshRsaIdentity, sshRsaRecipient } from './ssh-rsa.js';

/** The recipient of an OpenSSH public key line, `ssh-ed25519 AAAA... comment`. Throws `key-malformed`, `key-refused`; `where` names its place. */
export function sshRecipient(line: string, where: string): AgeRecipient {
  const { type, blob, key } = parseSshPublicLine(line, where);
  const label = `${type} ${sshFingerprint(blob)}`;
  if (key?.weakness !== undefined) throw new ImgkitError('key-refused', `${where}: ${label}: ${key.weakness}; use another key of the recipient.`, { file: where });
  if (key !== undefined && type === 'ssh-ed25519') return sshEd25519Recipient(rawKey(key.key), blob, label);
  if (key !== undefined && type === 'ssh-rsa') return sshRsaRecipient(key.key, blob, label);
  throw wrongType(type, where);
}

/** The identity of an SSH key pair. Throws `key-refused` for a type that age does not know. */
export function sshIdentity(privateKey: KeyObject, where: string): AgeIdentity {
  const publicKey = createPublicKey(privateKey);
  const { d = '', n = '', e = '' } = privateKey.export({ format: 'jwk' });
  if (privateKey.asymmetricKeyType === 'ed25519') {
    const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(rawKey(publicKey))]);
    const scalar = createHash('sha512').update(Buffer.from(d, 'base64url')).digest().subarray(0, 32);
    return sshEd25519Identity(scalar, rawKey(publicKey), blob, `ssh-ed25519 ${sshFingerprint(blob)}`);
  }
  if (privateKey.asymmetricKeyType === 'rsa') {
    const blob = Buffer.concat([sshString('ssh-rsa'), sshMpint(Buffer.from(e, 'base64url')), sshMpint(Buffer.from(n, 'base64url'))]);
    return sshRsaIdentity(privateKey, blob, `ssh-rsa ${sshFingerprint(blob)}`);
  }
  throw wrongType(privateKey.asymmetricKeyType ?? 'unknown', where);
}

function rawKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function wrongType(type: string, where: string): ImgkitError {
  return new ImgkitError('key-refused', `${where}: age encrypts for SSH keys of the types ssh-ed25519 and ssh-rsa, and this is ${type}; use another key of the recipient.`, { file: where, found: type });
}
