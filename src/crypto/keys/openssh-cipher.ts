import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import { sshString, sshUint32, SshReader, type Malformed } from './ssh-wire.js';

/** As many rounds as ssh-keygen takes by default. */
const ROUNDS = 24;
/** More would keep the process busy for minutes: such a file is made to do just that. */
const MOST_ROUNDS = 10_000;

interface Cipher {
  readonly algorithm: string;
  readonly key: number;
  readonly iv: number;
  readonly block: number;
  readonly tag?: number;
}

/** What ssh-keygen -Z offers and Node has. */
const CIPHERS: ReadonlyMap<string, Cipher> = new Map(
  [128, 192, 256].flatMap((bits): [string, Cipher][] => [
    [`aes${bits}-ctr`, { algorithm: `aes-${bits}-ctr`, key: bits / 8, iv: 16, block: 16 }],
    [`aes${bits}-cbc`, { algorithm: `aes-${bits}-cbc`, key: bits / 8, iv: 16, block: 16 }],
    [`aes${bits}-gcm@openssh.com`, { algorithm: `aes-${bits}-gcm`, key: bits / 8, iv: 12, block: 16, tag: 16 }],
  ]),
);

/** The outside of an OpenSSH private key (PROTOCOL.key): its cipher, and what is left of the file after the public part. */
export interface SealedPart {
  readonly cipher: string;
  readonly kdf: string;
  readonly kdfOptions: Uint8Array;
  readonly sealed: Uint8Array;
  /** The authentication tag, where the cipher has one. */
  readonly tag: Uint8Array;
}

/** Decrypts the secret part. Throws `key-refused` for a cipher or derivation that is not supported; a wrong passphrase shows later. */
export async function openSealed(part: SealedPart, passphrase: string, name: string, malformed: Malformed): Promise<Uint8Array> {
  const cipher = CIPHERS.get(part.cipher);
  if (cipher === undefined || part.kdf !== 'bcrypt') {
    throw new ImgkitError('key-refused', `${name}: is encrypted with ${part.cipher} and ${part.kdf}, which is not supported; run ssh-keygen -p -Z aes256-ctr on a copy of it.`, { file: name });
  }
  if (part.sealed.length === 0 || part.sealed.length % cipher.block !== 0 || part.tag.length !== (cipher.tag ?? 0)) throw malformed('has a secret part of a wrong length');
  const options = new SshReader(part.kdfOptions, malformed);
  const salt = options.string();
  const rounds = options.uint32();
  options.end();
  if (salt.length === 0 || rounds === 0) throw malformed('has no salt or no rounds');
  if (rounds > MOST_ROUNDS) throw new ImgkitError('key-refused', `${name}: wants ${rounds} rounds for its passphrase, more than the ${MOST_ROUNDS} allowed; if the key is yours, run ssh-keygen -p -a 100 on a copy of it.`, { file: name });
  const secret = await derive(passphrase, salt, rounds, cipher);
  try {
    const decipher = createDecipheriv(cipher.algorithm, secret.subarray(0, cipher.key), secret.subarray(cipher.key));
    if (cipher.tag !== undefined) (decipher as import('node:crypto').DecipherGCM).setAuthTag(part.tag);
    decipher.setAutoPadding(false);
    return Buffer.concat([decipher.update(part.sealed), decipher.final()]);
  } catch (error) {
    throw wrongPassphrase(name, error);
  } finally {
    secret.fill(0);
  }
}

/** Encrypts a secret part, padded to the block, as ssh-keygen does by default: aes256-ctr, bcrypt. */
export async function seal(plain: Uint8Array, passphrase: string, salt: Uint8Array): Promise<SealedPart> {
  const name = 'aes256-ctr';
  const cipher = CIPHERS.get(name) as Cipher;
  const secret = await derive(passphrase, salt, ROUNDS, cipher);
  const encipher = createCipheriv(cipher.algorithm, secret.subarray(0, cipher.key), secret.subarray(cipher.key));
  const sealed = Buffer.concat([encipher.update(plain), encipher.final()]);
  secret.fill(0);
  return { cipher: name, kdf: 'bcrypt', kdfOptions: Buffer.concat([sshString(salt), sshUint32(ROUNDS)]), sealed, tag: new Uint8Array() };
}

/** The error for a passphrase that opens nothing. */
export function wrongPassphrase(name: string, cause?: unknown): ImgkitError {
  return new ImgkitError('key-refused', `${name}: the passphrase is wrong, or the file is damaged; give the right one with --passphrase-file, or take the key from a backup.`, { file: name }, { cause });
}

async function derive(passphrase: string, salt: Uint8Array, rounds: number, cipher: Cipher): Promise<Uint8Array> {
  const { default: bcrypt } = await import('bcrypt-pbkdf');
  const secret = new Uint8Array(cipher.key + cipher.iv);
  const pass = Buffer.from(passphrase);
  const failed = bcrypt.pbkdf(pass, pass.length, salt, salt.length, secret, secret.length, rounds) !== 0;
  pass.fill(0);
  if (failed) throw new ImgkitError('key-refused', 'The passphrase cannot be used, as an empty one is none; give another.');
  return secret;
}
