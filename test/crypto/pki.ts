import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { emptyTrust, type Trust, type TrustFile } from '../../src/crypto/trust/trust.js';
import { readCertificate } from '../../src/crypto/x509/certificate.js';
import { der, derInteger, derSequence, derTime } from '../../src/crypto/x509/der-write.js';
import { TAG } from '../../src/crypto/x509/der-node.js';
import { OID } from '../../src/crypto/x509/oids.js';
import { signatureAlgorithmFor, signDer, writeCertificate, writeName } from '../../src/crypto/x509/write-certificate.js';
import { authorityKeyIdentifier, basicConstraints, extendedKeyUsage, extension, keyIdentifier, keyUsage, subjectAltName, subjectKeyIdentifier } from '../../src/crypto/x509/write-extensions.js';

/** A key with its certificate. */
export interface Party {
  readonly name: string;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
  /** The Name, as DER. */
  readonly subject: Uint8Array;
  readonly certificate: TrustFile;
  readonly serial: string;
}

/** The time of these tests. */
export const NOW = new Date('2026-06-01T12:00:00Z');
export const days = (count: number): Date => new Date(NOW.getTime() + count * 86_400_000);

export interface Making {
  readonly by?: Party | undefined;
  readonly from?: Date;
  readonly until?: Date;
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  /** In place of the usual ones; identifiers are added. */
  readonly extensions?: readonly Uint8Array[];
  readonly name?: string;
}

export const p256 = (): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsa = (modulusLength: number): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('rsa', { modulusLength });

function make(kind: string, usual: readonly Uint8Array[], { by, from = days(-10), until = days(300), keys = p256(), extensions = usual, name = kind }: Making): Party {
  const { publicKey, privateKey } = keys;
  const subject = writeName([['O', 'Acme'], ['CN', name]]) as Uint8Array;
  const identifiers = [subjectKeyIdentifier(publicKey), ...(by === undefined ? [] : [authorityKeyIdentifier(keyIdentifier(by.publicKey))])];
  const bytes = writeCertificate({ issuer: by?.subject ?? subject, subject, notBefore: from, notAfter: until, publicKey, extensions: [...extensions, ...identifiers] }, by?.key ?? privateKey);
  return { name, key: privateKey, publicKey, subject, certificate: { name: `${name}.crt`, bytes }, serial: readCertificate(bytes, name).serial };
}

export function makeCa(making: Making & { readonly pathLength?: number } = {}): Party {
  return make('Root', [basicConstraints(true, making.pathLength), keyUsage(5, 6)], making);
}

export function makeSigner(making: Making): Party {
  return make('Signer', [basicConstraints(false), keyUsage(0), extendedKeyUsage(OID.emailProtection, OID.codeSigning), subjectAltName(['release@acme.example'], ['build.acme.example'])], making);
}

/** A CRL, DER. */
export function makeCrl(by: Party, { revoked = [], from = days(-1), until = days(7), key = by.key, extensions = [] }: {
  readonly revoked?: readonly { readonly serial: string; readonly since?: Date; readonly reason?: number }[];
  readonly from?: Date;
  readonly until?: Date | null;
  readonly key?: KeyObject;
  readonly extensions?: readonly Uint8Array[];
} = {}): TrustFile {
  const algorithm = signatureAlgorithmFor(key);
  const entries = revoked.map(({ serial, since = days(-2), reason }) => derSequence(
    der(TAG.integer, Buffer.from(serial, 'hex')), derTime(since),
    ...(reason === undefined ? [] : [derSequence(extension(OID.reasonCode, der(TAG.enumerated, Uint8Array.of(reason))))]),
  ));
  const signed = derSequence(
    derInteger(1), algorithm, by.subject, derTime(from), ...(until === null ? [] : [derTime(until)]),
    ...(entries.length === 0 ? [] : [der(TAG.sequence, Buffer.concat(entries))]),
    der(0xa0, derSequence(extension(OID.crlNumber, derInteger(1)), authorityKeyIdentifier(keyIdentifier(by.publicKey)), ...extensions)),
  );
  return { name: `${by.name}.crl`, bytes: signDer(signed, algorithm, key) };
}

export function trustIn(root: Party | readonly Party[], more: Partial<Trust> = {}): Trust {
  const roots = Array.isArray(root) ? (root as readonly Party[]) : [root as Party];
  return { ...emptyTrust(NOW), roots: roots.map(({ certificate }) => certificate), ...more };
}
