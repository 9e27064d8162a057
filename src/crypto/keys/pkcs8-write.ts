import { createCipheriv, pbkdf2, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { der, derInteger, DER_NULL, derOid, derSequence } from '../x509/der-write.js';
import { TAG } from '../x509/der-node.js';
import { OID } from '../x509/oids.js';
import { encodePem } from './pem-text.js';

/** As OWASP recommends for PBKDF2 with HMAC-SHA-256; Node's own export would take 2,048. */
const ITERATIONS = 600_000;

/**
 * A private key as PKCS#8 PEM, which openssl and everything built on it opens; with a passphrase as PBES2 (RFC 8018): PBKDF2
 * with HMAC-SHA-256, 600,000 iterations, and AES-256-CBC.
 */
export async function writePkcs8(key: KeyObject, passphrase: string | undefined): Promise<string> {
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  if (passphrase === undefined) return encodePem('PRIVATE KEY', plain);
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const secret = await promisify(pbkdf2)(passphrase, salt, ITERATIONS, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  plain.fill(0);
  const derivation = derSequence(derOid(OID.pbkdf2), derSequence(der(TAG.octetString, salt), derInteger(ITERATIONS), derSequence(derOid(OID.hmacWithSha256), DER_NULL)));
  const scheme = derSequence(derOid(OID.pbes2), derSequence(derivation, derSequence(derOid(OID.aes256Cbc), der(TAG.octetString, iv))));
  return encodePem('ENCRYPTED PRIVATE KEY', derSequence(scheme, der(TAG.octetString, encrypted)));
}
