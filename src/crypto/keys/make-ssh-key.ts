import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { MadeKey, MakeKeyOptions } from './key-maker.js';
import { seal, type SealedPart } from './openssh-cipher.js';
import { OPENSSH_LABEL, OPENSSH_MAGIC } from './openssh-private-key.js';
import { encodePem } from './pem-text.js';
import { sshFingerprint } from './ssh-public-key.js';
import { formatSshPublicLine } from './ssh-public-line.js';
import { sshString, sshUint32 } from './ssh-wire.js';

const TYPE = 'ssh-ed25519';

/** An Ed25519 key as ssh-keygen makes them: `NAME`, with aes256-ctr and bcrypt under a passphrase, and `NAME.pub`. */
export async function makeSshKey(options: MakeKeyOptions): Promise<MadeKey> {
  const pair = await promisify(generateKeyPair)('ed25519');
  const { x = '', d = '' } = pair.privateKey.export({ format: 'jwk' });
  const [point, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')];
  const blob = Buffer.concat([sshString(TYPE), sshString(point)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, blob, sshString(Buffer.concat([seed, point])), sshString(options.comment)]);
  const bytes = encodePem(OPENSSH_LABEL, await encodeSecret(blob, secret, options.passphrase), 70);
  const publicLine = formatSshPublicLine(TYPE, blob, options.comment);
  return {
    keyId: sshFingerprint(blob),
    files: [
      { name: options.name, bytes: Buffer.from(bytes), secret: true },
      { name: `${options.name}.pub`, bytes: Buffer.from(`${publicLine}\n`), secret: false },
    ],
    publicLine,
    notes: options.passphrase === undefined ? ['the key has no passphrase: whoever gets the file can sign'] : [],
  };
}

async function encodeSecret(blob: Uint8Array, secret: Uint8Array, passphrase: string | undefined): Promise<Uint8Array> {
  const block = passphrase === undefined ? 8 : 16;
  const padded = Buffer.concat([secret, Uint8Array.from({ length: (block - (secret.length % block)) % block }, (_, i) => i + 1)]);
  const part: SealedPart = passphrase === undefined
    ? { cipher: 'none', kdf: 'none', kdfOptions: new Uint8Array(), sealed: padded, tag: new Uint8Array() }
    : await seal(padded, passphrase, randomBytes(16));
  return Buffer.concat([
    Buffer.from(OPENSSH_MAGIC, 'latin1'), sshString(part.cipher), sshString(part.kdf), sshString(part.kdfOptions), sshUint32(1), sshString(blob), sshString(part.sealed),
  ]);
}
