import { DER_LIMITS } from '../../limits.js';
import type { TrustFile } from '../trust/trust.js';
import { extensionsOf } from './certificate-extensions.js';
import { derFault } from './der-check.js';
import { readDer, TAG, type DerNode } from './der-node.js';
import { derTimeOf } from './der-time.js';
import { readDistinguishedName, type DistinguishedName } from './distinguished-name.js';
import { OID } from './oids.js';
import { readPem } from './pem.js';
import { readSignatureAlgorithm, type RefusedAlgorithm, type SignatureAlgorithm } from './signature-algorithm.js';

/** Such a list is about a part only: of the certificates, of the reasons, of what changed. Restricting even where not marked critical, as it must be. */
const PARTIAL: ReadonlySet<string> = new Set([OID.deltaCrlIndicator, OID.issuingDistributionPoint]);

/** A certificate revocation list, read strictly (RFC 5280, 5). Its signature is not checked yet. */
export interface CertificateList {
  readonly source: string;
  readonly signed: Uint8Array;
  readonly algorithm: SignatureAlgorithm | RefusedAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: Date;
  /** Until when it counts; undefined is against RFC 5280, and then it is stale at once. */
  readonly nextUpdate: Date | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  /** Critical extensions that are not understood: it then proves nothing. */
  readonly notUnderstood: readonly string[];
  /** Since when the certificate with that serial number (hexadecimal) is revoked; the epoch when its key was stolen. Throws `key-malformed`. */
  revoked(serial: string): Date | undefined;
}

/** Every CRL of a PEM file, or the one of a DER file. Throws `key-malformed` or `limit-exceeded`. */
export function readCertificateLists({ name, bytes }: TrustFile): readonly CertificateList[] {
  const context = { where: name, code: 'key-malformed' } as const;
  const blocks = readPem(bytes, context);
  if (blocks.length === 0) return [readCertificateList(bytes, name)];
  const wrong = blocks.find(({ label }) => label !== 'X509 CRL');
  if (wrong !== undefined) throw derFault(context, `holds a PEM block "${wrong.label}" where only CRLs belong`);
  return blocks.map((block, i) => readCertificateList(block.bytes, blocks.length === 1 ? name : `${name}, CRL ${i + 1}`));
}

function readCertificateList(bytes: Uint8Array, source: string): CertificateList {
  const node = readDer(bytes, { where: source, code: 'key-malformed' }, DER_LIMITS.crlBytes);
  const outer = node.fields();
  const signed = outer.next(TAG.sequence);
  const outerAlgorithm = outer.next(TAG.sequence);
  const signature = outer.next().bits();
  outer.end();

  const fields = signed.fields();
  const version = fields.optional(TAG.integer)?.number() ?? 0;
  const algorithm = fields.next(TAG.sequence);
  const issuer = readDistinguishedName(fields.next());
  const thisUpdate = derTimeOf(fields.next());
  const next = fields.optional(TAG.utcTime, TAG.generalizedTime);
  const entries = fields.optional(TAG.sequence);
  const extensions = fields.optional(0xa0)?.only();
  fields.end();
  if (version > 1) throw node.fault(`is a CRL of version ${version + 1}, which does not exist`);
  if (Buffer.compare(algorithm.raw, outerAlgorithm.raw) !== 0) throw node.fault('names two different signature algorithms');

  const notUnderstood: string[] = [];
  let authorityKeyId: Uint8Array | undefined;
  for (const { oid, critical, value } of extensionsOf(extensions)) {
    if (oid === OID.authorityKeyIdentifier) authorityKeyId = value.fields().optional(0x80)?.content;
    else if (PARTIAL.has(oid) || (critical && oid !== OID.crlNumber)) notUnderstood.push(oid);
  }
  return {
    source, signed: signed.raw, signature, issuer, thisUpdate, authorityKeyId, notUnderstood,
    algorithm: readSignatureAlgorithm(algorithm),
    nextUpdate: next && derTimeOf(next),
    revoked: (serial) => findRevoked(entries, serial),
  };
}

/**
 * Looks for a serial number. Entries are gone through when asked, not kept: a list may have hundreds of thousands, and is asked
 * about a few certificates. Only the details of entries with that number are read.
 */
function findRevoked(entries: DerNode | undefined, serial: string): Date | undefined {
  const wanted = Buffer.from(serial, 'hex');
  let since: Date | undefined;
  for (const entry of entries?.children() ?? []) {
    const fields = entry.fields();
    if (Buffer.compare(fields.next(TAG.integer).content, wanted) !== 0) continue;
    const time = derTimeOf(fields.next());
    let always = false;
    for (const { oid, critical, value } of extensionsOf(fields.optional(TAG.sequence))) {
      // A key that others had may have signed long before anyone noticed. What is not understood counts as the worst (RFC 5280, 5.3).
      if (oid === OID.reasonCode) always ||= [1, 2].includes(value.as(TAG.enumerated).content[0] ?? 0);
      else always ||= critical;
    }
    fields.end();
    const from = always ? new Date(0) : time;
    if (since === undefined || from < since) since = from;
  }
  return since;
}
