import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ImgkitError } from '../../errors.js';
import type { TrustFile } from '../trust/trust.js';
import { readCertificate } from '../x509/certificate.js';
import { checkCertificate, checkIssuerUsage } from '../x509/check-certificate.js';
import { OID } from '../x509/oids.js';
import { readCertificates } from '../x509/read-certificates.js';
import { writeCertificate, writeName } from '../x509/write-certificate.js';
import { authorityKeyIdentifier, basicConstraints, extendedKeyUsage, keyIdentifier, keyUsage, subjectAltName, subjectKeyIdentifier } from '../x509/write-extensions.js';
import type { MadeKey, MakeKeyOptions } from './key-maker.js';
import { encodePem } from './pem-text.js';
import { readPkcs8 } from './pkcs8-read.js';
import { writePkcs8 } from './pkcs8-write.js';

export interface MakeX509Options extends MakeKeyOptions {
  /** `CN=Release, O=Acme`; default: the comment, or the name, as common name. */
  readonly subject?: string | undefined;
  /** Default: 3650 for a CA, 825 for a signer. A signer's certificate never outlives its CA. */
  readonly days?: number | undefined;
  /** `new`: a CA of its own. Else the CA that signs the new certificate. Default: a certificate that signs itself. */
  readonly ca?: 'new' | { readonly certificate: TrustFile; readonly key: TrustFile; readonly passphrase?: string | undefined } | undefined;
  /** Addresses that the certificate is for. */
  readonly emails?: readonly string[] | undefined;
  /** Default: now. */
  readonly at?: Date | undefined;
}

const DAY_MS = 86_400_000;
/** Clocks differ: a new certificate counts from a little before now. */
const HEAD_START_MS = 5 * 60 * 1000;

/**
 * Makes an ECDSA P-256 key and its certificate, `NAME.key` (PKCS#8) and `NAME.crt`: a CA (`ca: 'new'`: may issue signers, not
 * other CAs), or a signer for codeSigning and emailProtection, which openssl's CMS asks for. Throws `key-refused` for options
 * that make no sense, and what opening the CA throws.
 */
export async function makeX509Key(options: MakeX509Options): Promise<MadeKey> {
  const { name, comment, days = options.ca === 'new' ? 3650 : 825, at = new Date() } = options;
  if (!Number.isSafeInteger(days) || days < 1 || days > 36_500) throw new ImgkitError('key-refused', `A certificate cannot be valid for ${days} days; take 1 to 36500.`);
  const subject = parseSubject(options.subject ?? `CN=${comment === '' ? name : comment}`);
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const issuer = openIssuer(options, at);
  const notAfter = new Date(Math.min(at.getTime() + days * DAY_MS, issuer?.notAfter.getTime() ?? Infinity));
  const emails = options.emails ?? [];
  if (emails.some((email) => !/^[!-~]+@[!-~]+$/.test(email))) throw new ImgkitError('key-refused', `"${emails.join(', ')}" is not an e-mail address in ASCII; write NAME@DOMAIN.`);
  const extensions = options.ca === 'new'
    ? [basicConstraints(true, 0), keyUsage(5, 6), subjectKeyIdentifier(publicKey)]
    : [basicConstraints(false), keyUsage(0), extendedKeyUsage(OID.codeSigning, OID.emailProtection), ...(emails.length > 0 ? [subjectAltName(emails, [])] : []),
      subjectKeyIdentifier(publicKey), authorityKeyIdentifier(issuer?.keyId ?? keyIdentifier(publicKey))];
  const bytes = writeCertificate({ issuer: issuer?.subject ?? subject, subject, notBefore: new Date(at.getTime() - HEAD_START_MS), notAfter, publicKey, extensions }, issuer?.key ?? privateKey);
  const certificate = readCertificate(bytes, `${name}.crt`);
  return {
    keyId: `${certificate.subject.text} (sha256:${certificate.fingerprint})`,
    files: [
      { name: `${name}.key`, bytes: Buffer.from(await writePkcs8(privateKey, options.passphrase)), secret: true },
      { name: `${name}.crt`, bytes: Buffer.from(encodePem('CERTIFICATE', bytes)), secret: false },
    ],
    notes: notesOf(options, notAfter, issuer?.notAfter),
  };
}

interface Issuer {
  readonly subject: Uint8Array;
  readonly keyId: Uint8Array;
  readonly key: KeyObject;
  readonly notAfter: Date;
}

function openIssuer({ ca }: MakeX509Options, at: Date): Issuer | undefined {
  if (ca === undefined || ca === 'new') return undefined;
  const [certificate] = readCertificates(ca.certificate);
  if (certificate === undefined) return undefined;
  checkCertificate(certificate, at, true);
  checkIssuerUsage(certificate, 0);
  const key = readPkcs8(ca.key, ca.passphrase, '--ca-passphrase-file');
  if (Buffer.compare(publicBytes(key), certificate.publicKey.export({ type: 'spki', format: 'der' })) !== 0) {
    throw new ImgkitError('key-refused', `${ca.key.name}: is not the private key of ${ca.certificate.name}; name the two that belong together.`, { file: ca.key.name });
  }
  return { subject: certificate.subject.raw, keyId: certificate.extensions.subjectKeyId ?? keyIdentifier(certificate.publicKey), key, notAfter: certificate.notAfter };
}

function publicBytes(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** `CN=Release, O=Acme`, or openssl's `/O=Acme/CN=Release`, in the order given. */
function parseSubject(text: string): Uint8Array {
  const words = text.startsWith('/') ? text.slice(1).split('/') : text.split(/,\s*/);
  const parts = words.map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, Math.max(at, 0)).trim(), word.slice(at + 1).trim()];
  });
  const name = parts.some(([, value]) => value === '' || /[\0-\x1f\x7f]/.test(value)) ? undefined : writeName(parts);
  if (name === undefined) throw new ImgkitError('key-refused', `"${text}" is no subject; write it like "CN=Release, O=Acme" (CN, O, OU, C, L, ST).`);
  return name;
}

function notesOf({ ca, passphrase }: MakeX509Options, notAfter: Date, issuerEnd: Date | undefined): readonly string[] {
  const notes = [`the certificate is valid until ${notAfter.toISOString().slice(0, 10)}${issuerEnd?.getTime() === notAfter.getTime() ? ', as long as its CA' : ''}`];
  if (ca === 'new') notes.push('receivers put the .crt into their trust folder; the .key issues signers: keep it away from machines that sign');
  if (ca === undefined) notes.push('the certificate signs itself: receivers trust it alone; use --ca to issue several from one root');
  if (passphrase === undefined) notes.push('the key has no passphrase: whoever gets the file can sign');
  return notes;
}
