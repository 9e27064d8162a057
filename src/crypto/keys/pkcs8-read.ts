import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';

/**
 * Opens a private key as openssl writes them: PKCS#8, plain or encrypted, PKCS#1 or SEC1; PEM or DER.
 * Throws `key-refused` when a passphrase is missing or wrong, `key-malformed` when it is no such key. No text of an error
 * shows anything of the key. `option` is the one that the passphrase is given with.
 */
export function readPkcs8({ name, bytes }: TrustFile, passphrase?: string, option = '--passphrase-file'): KeyObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 65_536)).toString('latin1');
  const pem = text.includes('-----BEGIN ');
  const encrypted = pem ? text.includes('BEGIN ENCRYPTED PRIVATE KEY') || text.includes('Proc-Type: 4,ENCRYPTED') : undefined;
  if (pem && !text.includes('PRIVATE KEY-----')) throw new ImgkitError('key-malformed', `${name}: holds no private key; name the file of the secret key.`, { file: name });
  if (encrypted === true && passphrase === undefined) throw new ImgkitError('key-refused', `${name}: the key has a passphrase; give it with ${option}.`, { file: name });
  const forms = pem ? [{ format: 'pem' as const }] : [{ format: 'der' as const, type: 'pkcs8' as const }, { format: 'der' as const, type: 'pkcs1' as const }, { format: 'der' as const, type: 'sec1' as const }];
  for (const form of forms) {
    try {
      return createPrivateKey({ key: Buffer.from(bytes), ...form, ...(passphrase === undefined ? {} : { passphrase }) });
    } catch {
      // Not this form, or another passphrase; what Node says may quote the input.
    }
  }
  if (encrypted === true) throw new ImgkitError('key-refused', `${name}: the passphrase does not open the key; give the right one with ${option}.`, { file: name });
  throw new ImgkitError('key-malformed', `${name}: is not a private key in a form that can be read (PKCS#8, PKCS#1 or SEC1)${passphrase === undefined && !pem ? ', or needs a passphrase' : ''}; check which file it is.`, { file: name });
}
