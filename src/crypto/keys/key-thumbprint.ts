import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { readDer, TAG } from '../x509/der-node.js';

/** The SHA-256 thumbprint of a public key (RFC 7638), base64url: it depends on the key alone, not on how a file of it is written. */
export function keyThumbprint(key: KeyObject): string {
  const { kty, crv, x, y, n, e } = plain(key).export({ format: 'jwk' });
  // The members that make the key, by name.
  const members = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** A key that may only make RSA-PSS signatures is one of RSA, with a restriction around it. */
function plain(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'rsa-pss') return key;
  const fields = readDer(key.export({ type: 'spki', format: 'der' }), { where: 'public key', code: 'key-malformed' }, 65_536).fields();
  fields.next(TAG.sequence);
  return createPublicKey({ key: Buffer.from(fields.next().bits()), type: 'pkcs1', format: 'der' });
}
