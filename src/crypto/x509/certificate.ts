import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { ErrorCode } from '../../errors.js';
import { DER_LIMITS } from '../../limits.js';
import { readExtensions, type CertificateExtensions } from './certificate-extensions.js';
import { readDer, TAG } from './der-node.js';
import { derTimeOf } from './der-time.js';
import { readDistinguishedName, type DistinguishedName } from './distinguished-name.js';
import { readSignatureAlgorithm, type RefusedAlgorithm, type SignatureAlgorithm } from './signature-algorithm.js';

/** An X.509 certificate, read strictly (RFC 5280). Nothing about it is believed yet. */
export interface Certificate {
  /** Where it came from, for messages. */
  readonly source: string;
  readonly raw: Uint8Array;
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
  /** The signed part. */
  readonly signed: Uint8Array;
  readonly algorithm: SignatureAlgorithm | RefusedAlgorithm;
  readonly signature: Uint8Array;
  /** Serial number, hexadecimal, as encoded. */
  readonly serial: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: CertificateExtensions;
}

/** Reads one DER certificate. Throws `code` (`key-malformed`: a file; `signature-malformed`: inside a signature) or `limit-exceeded`. */
export function readCertificate(bytes: Uint8Array, source: string, code: ErrorCode = 'key-malformed'): Certificate {
  const node = readDer(bytes, { where: source, code }, DER_LIMITS.certificateBytes);
  const outer = node.fields();
  const signed = outer.next(TAG.sequence);
  const outerAlgorithm = outer.next(TAG.sequence);
  const signature = outer.next().bits();
  outer.end();

  const fields = signed.fields();
  const version = fields.optional(0xa0)?.only().number() ?? 0;
  const serial = fields.next(TAG.integer).content;
  const innerAlgorithm = fields.next(TAG.sequence);
  const issuer = readDistinguishedName(fields.next());
  const validity = fields.next().fields();
  const [notBefore, notAfter] = [derTimeOf(validity.next()), derTimeOf(validity.next())];
  validity.end();
  const subject = readDistinguishedName(fields.next());
  const keyInfo = fields.next(TAG.sequence);
  fields.optional(0x81, 0xa1);
  fields.optional(0x82, 0xa2);
  const extensions = readExtensions(fields.optional(0xa3)?.only());
  fields.end();
  if (version > 2) throw node.fault(`is a certificate of version ${version + 1}, which does not exist`);
  // What is outside of the signed part may not say anything else than what is inside.
  if (Buffer.compare(innerAlgorithm.raw, outerAlgorithm.raw) !== 0) throw node.fault('names two different signature algorithms');
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey({ key: Buffer.from(keyInfo.raw), format: 'der', type: 'spki' });
  } catch (error) {
    throw Object.assign(keyInfo.fault('has a public key that cannot be read'), { cause: error });
  }
  return {
    source, raw: node.raw, signed: signed.raw, signature, issuer, subject, notBefore, notAfter, publicKey, extensions,
    fingerprint: createHash('sha256').update(node.raw).digest('hex'),
    algorithm: readSignatureAlgorithm(innerAlgorithm),
    serial: Buffer.from(serial).toString('hex'),
  };
}

/** Subject and where it came from, for error sentences. */
export function describe(certificate: Certificate): string {
  return `the certificate "${certificate.subject.text}" (${certificate.source})`;
}
