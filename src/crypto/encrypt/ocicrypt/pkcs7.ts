import { constants, createCipheriv, createDecipheriv, publicEncrypt, randomBytes, type KeyObject, type X509Certificate } from 'node:crypto';
import { der, derInteger, derOid, derSequence, derSetOf, DER_NULL } from '../../x509/der-write.js';
import { unpadRsa } from '../unpad-rsa.js';
import { childrenOf, readBer, type BerNode } from './ber.js';

// RFC 5652, section 6. RSA key transport is PKCS#1 v1.5: skopeo's reader knows no other.
const OID = {
  data: '1.2.840.113549.1.7.1', enveloped: '1.2.840.113549.1.7.3', rsa: '1.2.840.113549.1.1.1',
  aes128cbc: '2.16.840.1.101.3.4.1.2', aes256cbc: '2.16.840.1.101.3.4.1.42', aes128gcm: '2.16.840.1.101.3.4.1.6', aes256gcm: '2.16.840.1.101.3.4.1.46',
} as const;
const CIPHERS: ReadonlyMap<string, { readonly name: string; readonly key: number; readonly gcm: boolean }> = new Map([
  [hexOid(OID.aes128cbc), { name: 'aes-128-cbc', key: 16, gcm: false }],
  [hexOid(OID.aes256cbc), { name: 'aes-256-cbc', key: 32, gcm: false }],
  [hexOid(OID.aes128gcm), { name: 'aes-128-gcm', key: 16, gcm: true }],
  [hexOid(OID.aes256gcm), { name: 'aes-256-gcm', key: 32, gcm: true }],
]);
const MOST_RECIPIENTS = 1000;


/** `content` as CMS EnvelopedData (AES-256-CBC, valid DER) for RSA certificates; `openssl cms -decrypt` opens it too. */
export function wrapPkcs7(content: Uint8Array, certificates: readonly X509Certificate[]): Uint8Array {
  const key = randomBytes(32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  const recipients = certificates.map((certificate) => {
    const { issuer, serial } = issuerAndSerial(certificate.raw);
    const wrapped = publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
    return derSequence(derInteger(0), derSequence(issuer, serial), derSequence(derOid(OID.rsa), DER_NULL), der(0x04, wrapped));
  });
  const encrypted = derSequence(derOid(OID.data), derSequence(derOid(OID.aes256cbc), der(0x04, iv)), der(0x80, sealed));
  const enveloped = derSequence(derInteger(0), derSetOf(recipients), encrypted);
  return derSequence(derOid(OID.enveloped), der(0xa0, enveloped));
}

/**
 * What an EnvelopedData holds; undefined when `key` is not meant, or when it is none. Reads what skopeo writes too, which is
 * not valid DER: parameters of GCM under a tag that says "no parts", and content in parts.
 */
export function unwrapPkcs7(bytes: Uint8Array, key: KeyObject): Uint8Array | undefined {
  if (key.asymmetricKeyType !== 'rsa') return undefined;
  const parts = envelope(bytes);
  if (parts === undefined) return undefined;
  for (const wrapped of parts.wrapped) {
    const secret = unpadRsa(key, wrapped);
    const plain = secret === undefined ? undefined : open(parts, secret);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

interface Envelope {
  readonly wrapped: readonly Uint8Array[];
  readonly cipher: NonNullable<ReturnType<typeof CIPHERS.get>>;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

function envelope(bytes: Uint8Array): Envelope | undefined {
  const root = readBer(bytes);
  const [type, holder] = childrenOf(root);
  const [data] = childrenOf(holder);
  if (type === undefined || hex(type.content) !== hexOid(OID.enveloped)) return undefined;
  const [recipients, encrypted] = childrenOf(data).filter(({ tag }) => tag === 0x31 || tag === 0x30);
  const wrapped = childrenOf(recipients).slice(0, MOST_RECIPIENTS).flatMap((info) => {
    const [, , algorithm, secret] = childrenOf(info);
    const [oid] = childrenOf(algorithm);
    return info.tag === 0x30 && oid !== undefined && hex(oid.content) === hexOid(OID.rsa) && secret?.tag === 0x04 ? [secret.content] : [];
  });
  const [, algorithm, content] = childrenOf(encrypted);
  const [oid, parameters] = childrenOf(algorithm);
  const cipher = oid && CIPHERS.get(hex(oid.content));
  if (cipher === undefined || parameters === undefined || content === undefined) return undefined;
  const nonce = cipher.gcm ? gcmNonce(parameters) : parameters.content;
  const sealed = content.tag === 0xa0 ? Buffer.concat(childrenOf(content).map((part) => part.content)) : content.content;
  return nonce === undefined ? undefined : { wrapped, cipher, nonce, sealed };
}

/** The nonce of GCMParameters (RFC 5084); skopeo puts them inside another element, whose tag may not have parts, and tags the nonce as [4]. */
function gcmNonce(parameters: BerNode): Uint8Array | undefined {
  const inner = readBer(parameters.content);
  const fields = inner?.tag === 0x30 && parameters.content.length === inner.length ? childrenOf(inner) : childrenOf(parameters);
  const [nonce] = fields;
  return nonce !== undefined && (nonce.tag === 0x04 || nonce.tag === 0x84) ? nonce.content : undefined;
}

function open({ cipher, nonce, sealed }: Envelope, key: Uint8Array): Uint8Array | undefined {
  if (key.length !== cipher.key) return undefined;
  try {
    if (!cipher.gcm) {
      const decipher = createDecipheriv(cipher.name, key, nonce);
      return Buffer.concat([decipher.update(sealed), decipher.final()]);
    }
    const decipher = createDecipheriv(cipher.name as 'aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Issuer and serial number as a certificate has them (RFC 5280, 4.1). */
function issuerAndSerial(certificate: Uint8Array): { readonly issuer: Uint8Array; readonly serial: Uint8Array } {
  const [signed] = childrenOf(readBer(certificate));
  const fields = childrenOf(signed);
  const at = fields[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer] = fields.slice(at);
  if (serial === undefined || issuer === undefined) throw new TypeError('the certificate was parsed before');
  return { issuer: issuer.raw, serial: serial.raw };
}

function hexOid(oid: string): string {
  return hex(derOid(oid).subarray(2));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
