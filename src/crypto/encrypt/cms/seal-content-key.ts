import { constants, generateKeyPairSync, publicEncrypt, type KeyObject } from 'node:crypto';
import type { Certificate } from '../../x509/certificate.js';
import { readDer } from '../../x509/der-node.js';
import { der, derInteger, derOid, derSequence, DER_NULL } from '../../x509/der-write.js';
import { OID } from '../../x509/oids.js';
import { CMS_OID, KEY_WRAPS } from './cms-oid.js';
import { wrapAgreed } from './key-agreement.js';

const SHA256 = derSequence(derOid(OID.sha256), DER_NULL);
const OAEP = derSequence(derOid(CMS_OID.rsaOaep), derSequence(der(0xa0, SHA256), der(0xa1, derSequence(derOid(CMS_OID.mgf1), SHA256))));
const KEY_WRAP = derSequence(derOid(CMS_OID.aes256Wrap));

/** A RecipientInfo (RFC 5652, 6.2): the content key for the owner of a certificate, RSA (OAEP with SHA-256) or P-256 (ECDH). */
export function sealContentKey(contentKey: Uint8Array, { publicKey, issuer, serial }: Certificate): Uint8Array {
  const who = derSequence(issuer.raw, der(0x02, Buffer.from(serial, 'hex')));
  if (publicKey.asymmetricKeyType !== 'rsa') return agreed(contentKey, publicKey, who);
  const sealed = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, contentKey);
  return derSequence(derInteger(0), who, OAEP, der(0x04, sealed));
}

/** KeyAgreeRecipientInfo, with a key of the sender that is used once. */
function agreed(contentKey: Uint8Array, publicKey: KeyObject, who: Uint8Array): Uint8Array {
  const once = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const wrap = KEY_WRAPS.get(CMS_OID.aes256Wrap) as NonNullable<ReturnType<typeof KEY_WRAPS.get>>;
  const wrapped = wrapAgreed(contentKey, { privateKey: once.privateKey, publicKey, hash: 'sha256', wrapAlgorithm: KEY_WRAP, wrap });
  const originator = der(0xa1, derSequence(derOid(CMS_OID.ecPublicKey)), der(0x03, Uint8Array.of(0), pointOf(once.publicKey)));
  return der(0xa1, derInteger(3), der(0xa0, originator), derSequence(derOid(CMS_OID.ecdhSha256), KEY_WRAP), derSequence(derSequence(who, der(0x04, wrapped))));
}

function pointOf(key: KeyObject): Uint8Array {
  const fields = readDer(key.export({ format: 'der', type: 'spki' }), { where: 'a key', code: 'key-malformed' }, 1024).fields();
  fields.next();
  return fields.next().bits();
}
