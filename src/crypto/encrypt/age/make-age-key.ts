import type { MakeKey } from '../../keys/key-maker.js';
import { prepareAge } from './encrypt-age.js';
import { scryptRecipient } from './scrypt.js';
import { generateX25519 } from './x25519-recipient.js';

/**
 * A new X25519 identity in the file format of age-keygen, and the recipient beside it. With a passphrase the identity file is
 * an age file itself, as `age -p` makes it, which age reads as an identity.
 */
export const makeAgeKey: MakeKey = async ({ name, passphrase, comment, signal }) => {
  const { identity, recipient } = generateX25519();
  const about = comment === '' ? '' : `# ${comment.replaceAll(/[^\x20-\x7e]/g, '?')}\n`;
  const plain = Buffer.from(`${about}# public key: ${recipient}\n${identity}\n`);
  const secret = passphrase === undefined ? plain : await sealed(plain, passphrase, signal);
  return {
    keyId: recipient,
    files: [
      { name: `${name}.agekey`, bytes: secret, secret: true },
      { name: `${name}.agepub`, bytes: Buffer.from(`${recipient}\n`), secret: false },
    ],
    publicLine: recipient,
    notes: passphrase === undefined ? ['the identity has no passphrase: whoever gets the file opens what is encrypted for it'] : [],
  };
};

async function sealed(plain: Uint8Array, passphrase: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield plain;
  };
  for await (const chunk of (await prepareAge([scryptRecipient(passphrase)])).encrypt(whole(), { signal })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
