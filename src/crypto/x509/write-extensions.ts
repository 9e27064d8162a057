import { createHash, type KeyObject } from 'node:crypto';
import { der, derInteger, derOid, derSequence } from './der-write.js';
import { readDer, TAG } from './der-node.js';
import { OID } from './oids.js';

/** One extension of a certificate or CRL (RFC 5280, 4.2): `value` is its DER. */
export function extension(oid: string, value: Uint8Array, { critical = false }: { readonly critical?: boolean } = {}): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [der(TAG.boolean, Uint8Array.of(0xff))] : []), der(TAG.octetString, value));
}

/** `pathLength`: how many CAs may follow below; undefined for any number. */
export function basicConstraints(ca: boolean, pathLength?: number): Uint8Array {
  const parts = ca ? [der(TAG.boolean, Uint8Array.of(0xff)), ...(pathLength === undefined ? [] : [derInteger(pathLength)])] : [];
  return extension(OID.basicConstraints, derSequence(...parts), { critical: true });
}

/** Bits by their numbers: 0 digitalSignature, 5 keyCertSign, 6 cRLSign. */
export function keyUsage(...bits: readonly number[]): Uint8Array {
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  const unused = 7 - Math.max(...bits);
  return extension(OID.keyUsage, der(TAG.bitString, Uint8Array.of(unused, byte)), { critical: true });
}

export function extendedKeyUsage(...purposes: readonly string[]): Uint8Array {
  return extension(OID.extendedKeyUsage, derSequence(...purposes.map(derOid)));
}

export function subjectAltName(emails: readonly string[], dnsNames: readonly string[]): Uint8Array {
  const ascii = (tag: number, names: readonly string[]): Uint8Array[] => names.map((name) => der(tag, Buffer.from(name, 'latin1')));
  return extension(OID.subjectAltName, derSequence(...ascii(0x81, emails), ...ascii(0x82, dnsNames)));
}

export function subjectKeyIdentifier(key: KeyObject): Uint8Array {
  return extension(OID.subjectKeyIdentifier, der(TAG.octetString, keyIdentifier(key)));
}

export function authorityKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(OID.authorityKeyIdentifier, derSequence(der(0x80, identifier)));
}

/** The identifier that everybody uses: SHA-1 over the key's bits (RFC 5280, 4.2.1.2, method 1). A name, not a protection. */
export function keyIdentifier(key: KeyObject): Uint8Array {
  const fields = readDer(key.export({ type: 'spki', format: 'der' }), { where: 'public key', code: 'key-malformed' }, 65_536).fields();
  fields.next(TAG.sequence);
  return createHash('sha1').update(fields.next().bits()).digest();
}
