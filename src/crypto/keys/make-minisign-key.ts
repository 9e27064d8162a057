import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { MadeKey, MakeKeyOptions } from './key-maker.js';
import { minisignKeyId, untrustedLines } from './minisign-comment.js';
import { encodeMinisignPublicKey } from './minisign-public-key.js';
import { encodeMinisignSecretKey } from './minisign-secret-key.js';

/** A key pair as `minisign -G` makes them: `NAME.key` and `NAME.pub`. Under a passphrase it takes 1 GiB of memory for some seconds, as there. */
export async function makeMinisignKey(options: MakeKeyOptions): Promise<MadeKey> {
  const pair = await promisify(generateKeyPair)('ed25519');
  const { x = '', d = '' } = pair.privateKey.export({ format: 'jwk' });
  const [point, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const id = randomBytes(8);
  const keyId = minisignKeyId(id);
  const publicBytes = encodeMinisignPublicKey(id, point);
  const comment = options.comment === '' ? '' : ` ${options.comment}`;
  const secret = await encodeMinisignSecretKey(id, seed, point, options.passphrase);
  return {
    keyId,
    files: [
      { name: `${options.name}.key`, bytes: Buffer.from(untrustedLines(`minisign ${options.passphrase === undefined ? '' : 'encrypted '}secret key${comment}`, secret)), secret: true },
      { name: `${options.name}.pub`, bytes: Buffer.from(untrustedLines(`minisign public key ${keyId}${comment}`, publicBytes)), secret: false },
    ],
    publicLine: Buffer.from(publicBytes).toString('base64'),
    notes: options.passphrase === undefined ? ['the key has no passphrase: whoever gets the file can sign'] : [],
  };
}
