import { randomBytes, sign, type KeyObject } from 'node:crypto';
import { der, derInteger, derOid, derSequence, derTime, DER_NULL } from './der-write.js';
import { TAG } from './der-node.js';
import { OID } from './oids.js';

/** What a new certificate says. */
export interface CertificateContent {
  /** The Name, as DER: {@link writeName}, or the raw subject of the CA. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  /** As `write-extensions.ts` makes them. */
  readonly extensions: readonly Uint8Array[];
  /** Default: 16 random bytes. */
  readonly serial?: Uint8Array | undefined;
}

/** A certificate of version 3 (RFC 5280, 4.1), signed by the issuer's key: ECDSA or RSA, with SHA-256. */
export function writeCertificate(content: CertificateContent, issuerKey: KeyObject): Uint8Array {
  const algorithm = signatureAlgorithmFor(issuerKey);
  const serial = content.serial ?? randomSerial();
  const signed = derSequence(
    der(0xa0, derInteger(2)), der(TAG.integer, serial), algorithm, content.issuer,
    derSequence(derTime(content.notBefore), derTime(content.notAfter)), content.subject,
    content.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, derSequence(...content.extensions)),
  );
  return signDer(signed, algorithm, issuerKey);
}

/** `signed` with algorithm and signature after it: the form of certificates and CRLs. */
export function signDer(signed: Uint8Array, algorithm: Uint8Array, key: KeyObject): Uint8Array {
  return derSequence(signed, algorithm, der(TAG.bitString, Uint8Array.of(0), sign('sha256', signed, key)));
}

export function signatureAlgorithmFor(key: KeyObject): Uint8Array {
  return key.asymmetricKeyType === 'rsa' ? derSequence(derOid('1.2.840.113549.1.1.11'), DER_NULL) : derSequence(derOid(OID.ecdsaWithSha256));
}

/** Types of attributes in names, by the letters that people use. */
const TYPES: ReadonlyMap<string, string> = new Map([['CN', '2.5.4.3'], ['C', '2.5.4.6'], ['L', '2.5.4.7'], ['ST', '2.5.4.8'], ['O', '2.5.4.10'], ['OU', '2.5.4.11']]);

/** A Name of `[letters, value]` pairs in their order; undefined when it has letters that are not known. */
export function writeName(parts: readonly (readonly [type: string, value: string])[]): Uint8Array | undefined {
  const sets: Uint8Array[] = [];
  for (const [type, value] of parts) {
    const oid = TYPES.get(type.toUpperCase());
    if (oid === undefined) return undefined;
    // Countries are PrintableString by definition.
    sets.push(der(TAG.set, derSequence(derOid(oid), der(type.toUpperCase() === 'C' ? TAG.printable : TAG.utf8, Buffer.from(value)))));
  }
  return derSequence(...sets);
}

/** Positive, 16 bytes, in the shortest form whatever the first byte is. */
function randomSerial(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}
