import type { DerNode } from './der-node.js';
import { readDer, TAG } from './der-node.js';
import { DER_LIMITS } from '../../limits.js';
import { readGeneralNames } from './general-names.js';
import { OID } from './oids.js';

/** Bits of keyUsage (RFC 5280, 4.2.1.3) that matter here. */
export type KeyUsage = 'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'keyAgreement' | 'keyCertSign' | 'cRLSign';

/** What the extensions of a certificate say; undefined where one is absent. */
export interface CertificateExtensions {
  readonly ca: boolean;
  /** How many CAs may follow below this one. */
  readonly pathLength: number | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** Object identifiers of extendedKeyUsage. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  readonly emails: readonly string[];
  readonly dnsNames: readonly string[];
  /** Extensions that must be understood and are not: such a certificate proves nothing here. */
  readonly notUnderstood: readonly string[];
}

const USAGE_BITS: readonly (readonly [number, KeyUsage])[] = [[0, 'digitalSignature'], [1, 'nonRepudiation'], [2, 'keyEncipherment'], [4, 'keyAgreement'], [5, 'keyCertSign'], [6, 'cRLSign']];

/** Reads the SEQUENCE of extensions; an extension given twice is malformed. */
export function readExtensions(list: DerNode | undefined): CertificateExtensions {
  const values = new Map<string, DerNode>();
  const notUnderstood: string[] = [];
  for (const { oid, critical, value, node } of extensionsOf(list)) {
    if (values.has(oid)) throw node.fault(`has the extension ${oid} twice`);
    values.set(oid, value);
    // Name constraints restrict even where they are not marked critical.
    if (oid === OID.nameConstraints) notUnderstood.push('nameConstraints');
    else if (critical && !UNDERSTOOD.has(oid)) notUnderstood.push(oid);
  }
  const names = values.get(OID.subjectAltName);
  const constraints = values.get(OID.basicConstraints)?.fields();
  const ca = constraints?.optional(TAG.boolean)?.boolean() ?? false;
  const pathLength = constraints?.optional(TAG.integer)?.number();
  constraints?.end();
  return {
    ca,
    pathLength,
    keyUsage: readKeyUsage(values.get(OID.keyUsage)),
    extendedKeyUsage: readExtendedKeyUsage(values.get(OID.extendedKeyUsage)),
    subjectKeyId: values.get(OID.subjectKeyIdentifier)?.octets(),
    authorityKeyId: values.get(OID.authorityKeyIdentifier)?.fields().optional(0x80)?.content,
    ...(names === undefined ? { emails: [], dnsNames: [] } : readGeneralNames(names)),
    notUnderstood,
  };
}

const UNDERSTOOD: ReadonlySet<string> = new Set([OID.basicConstraints, OID.keyUsage, OID.extendedKeyUsage, OID.subjectAltName, OID.subjectKeyIdentifier, OID.authorityKeyIdentifier, OID.certificatePolicies]);

/** Every extension of a SEQUENCE, its value parsed as DER of its own. */
export function* extensionsOf(list: DerNode | undefined): Generator<{ readonly oid: string; readonly critical: boolean; readonly value: DerNode; readonly node: DerNode }> {
  if (list === undefined) return;
  for (const node of list.as(TAG.sequence).children()) {
    const fields = node.fields();
    const oid = fields.next().oid();
    const critical = fields.optional(TAG.boolean)?.boolean() ?? false;
    const octets = fields.next().octets();
    fields.end();
    yield { oid, critical, value: readDer(octets, node.context, DER_LIMITS.certificateBytes), node };
  }
}

function readKeyUsage(value: DerNode | undefined): ReadonlySet<KeyUsage> | undefined {
  if (value === undefined) return undefined;
  const bits = value.as(TAG.bitString).content.subarray(1);
  return new Set(USAGE_BITS.filter(([bit]) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0).map(([, usage]) => usage));
}

function readExtendedKeyUsage(value: DerNode | undefined): ReadonlySet<string> | undefined {
  return value && new Set([...value.as(TAG.sequence).children()].map((purpose) => purpose.oid()));
}
