import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { encodeCosignPrivateKey } from './cosign-private-key.js';
import { keyHint } from './cosign-public-key.js';
import type { MadeKey, MakeKeyOptions } from './key-maker.js';

/** A key pair as `cosign generate-key-pair` makes them: ECDSA P-256, `NAME.key` always encrypted, and `NAME.pub`. */
export async function makeCosignKey(options: MakeKeyOptions): Promise<MadeKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  return {
    keyId: `SHA256:${keyHint(publicKey)}`,
    files: [
      { name: `${options.name}.key`, bytes: Buffer.from(await encodeCosignPrivateKey(privateKey, options.passphrase ?? '')), secret: true },
      { name: `${options.name}.pub`, bytes: Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })), secret: false },
    ],
    notes: options.passphrase === undefined ? ['the key has an empty passphrase: whoever gets the file can sign'] : [],
  };
}
