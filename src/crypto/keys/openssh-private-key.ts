import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { openSealed, wrongPassphrase } from './openssh-cipher.js';
import { decodePem } from './pem-text.js';
import { privateJwk } from './openssh-private-parts.js';
import { readSshPublicKey, type SshPublicKey } from './ssh-public-key.js';
import { SshReader } from './ssh-wire.js';

export const OPENSSH_LABEL = 'OPENSSH PRIVATE KEY';
export const OPENSSH_MAGIC = 'openssh-key-v1\0';

/** A private key file of OpenSSH. */
export interface OpensshPrivateKey {
  readonly publicKey: SshPublicKey;
  /** Undefined for a hardware key: the file holds only a handle, and the token signs. */
  readonly key: KeyObject | undefined;
  readonly comment: string;
}

/**
 * Reads a private key file as ssh-keygen writes it (OpenSSH's PROTOCOL.key): plain, or encrypted with bcrypt and AES.
 * `passphrase` is asked only when the key is encrypted. The private part must belong to the public one.
 * Throws `key-malformed`; `key-refused` without a passphrase, with a wrong one, or for a type that is not supported.
 */
export async function readOpensshPrivateKey(text: string, name: string, passphrase: () => Promise<string | undefined>): Promise<OpensshPrivateKey> {
  const malformed = (problem: string): ImgkitError => new ImgkitError('key-malformed', `${name}: the OpenSSH private key ${problem}; get it again, or make a new one.`, { file: name });
  // What copies a secret into a file often adds an empty line, which OpenSSH does not mind.
  const pem = decodePem(text.trim());
  if (pem === undefined || pem.label !== OPENSSH_LABEL) throw malformed('is damaged: its text is no PEM of one key');
  const reader = new SshReader(pem.bytes, malformed);
  if (Buffer.from(reader.bytes(OPENSSH_MAGIC.length)).toString('latin1') !== OPENSSH_MAGIC) throw malformed('is of another version');
  const [cipher, kdf, kdfOptions, count] = [reader.name(), reader.name(), reader.string(), reader.uint32()];
  if (count !== 1) throw malformed(`holds ${count} keys instead of one`);
  const publicBlob = reader.string();
  const sealed = reader.string();
  const tag = reader.bytes(reader.left);
  const publicKey = readSshPublicKey(publicBlob, malformed);
  if (publicKey === undefined) throw new ImgkitError('key-refused', `${name}: is a key of a type that does not sign here; use Ed25519, ECDSA or RSA.`, { file: name });
  let plain = sealed;
  if (cipher !== 'none' || kdf !== 'none') {
    const given = await passphrase();
    if (given === undefined || given === '') throw new ImgkitError('key-refused', `${name}: is protected by a passphrase and none was given; name a --passphrase-file.`, { file: name });
    plain = await openSealed({ cipher, kdf, kdfOptions, sealed, tag }, given, name, malformed);
  } else if (tag.length > 0 || kdfOptions.length > 0) throw malformed('has bytes too many');
  return secretPart(plain, publicKey, name, malformed, cipher !== 'none');
}

function secretPart(plain: Uint8Array, publicKey: SshPublicKey, name: string, malformed: (problem: string) => ImgkitError, encrypted: boolean): OpensshPrivateKey {
  const reader = new SshReader(plain, malformed);
  // Equal when it was decrypted with the right key: the only sign of it that most ciphers have.
  if (reader.uint32() !== reader.uint32()) throw encrypted ? wrongPassphrase(name) : malformed('is damaged');
  if (reader.name() !== publicKey.type) throw malformed('has a private part of another type');
  const jwk = privateJwk(reader, publicKey, malformed);
  const comment = reader.text();
  const padding = reader.bytes(reader.left);
  if (padding.length > 255 || padding.some((byte, i) => byte !== (i + 1) % 256)) throw malformed('has wrong padding');
  return { publicKey, key: jwk === undefined ? undefined : importPrivate(jwk, malformed), comment };
}

function importPrivate(jwk: JsonWebKey, malformed: (problem: string) => ImgkitError): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    // The cause may quote the key.
    throw malformed('has a private part that is mathematically none');
  }
}
