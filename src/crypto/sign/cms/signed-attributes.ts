import { DER_LIMITS } from '../../../limits.js';
import { readDer, TAG, type DerNode } from '../../x509/der-node.js';
import { derTimeOf } from '../../x509/der-time.js';
import { OID } from '../../x509/oids.js';
import { readHashAlgorithm, type HashName, type RefusedAlgorithm } from '../../x509/signature-algorithm.js';

/** What a signer signed beside the content (RFC 5652, 11; RFC 5035). Attributes of other kinds are allowed and mean nothing here. */
export interface SignedAttributes {
  /** The bytes that were signed: the attributes under the tag of a SET. */
  readonly signed: Uint8Array;
  readonly contentType: string;
  readonly messageDigest: Uint8Array;
  readonly signingTime: Date | undefined;
  /** The signer's certificate by its digest: proof against an exchanged certificate. */
  readonly certificate: { readonly hash: HashName | RefusedAlgorithm; readonly digest: Uint8Array } | undefined;
}

export function readSignedAttributes(node: DerNode): SignedAttributes {
  const values = new Map<string, readonly DerNode[]>();
  let before: Uint8Array | undefined;
  for (const attribute of node.children()) {
    // Another order would be another encoding of the same set; verifiers that encode it anew would disagree with us.
    if (before !== undefined && Buffer.compare(before, attribute.raw) >= 0) throw attribute.fault('has signed attributes that are not in the order of DER');
    before = attribute.raw;
    const fields = attribute.fields();
    const oid = fields.next().oid();
    if (values.has(oid)) throw attribute.fault(`has the signed attribute ${oid} twice`);
    values.set(oid, [...fields.next(TAG.set).children()]);
    fields.end();
  }
  const one = (oid: string): DerNode | undefined => {
    const found = values.get(oid);
    if (found !== undefined && found.length !== 1) throw node.fault(`has a signed attribute ${oid} with ${found.length} values`);
    return found?.[0];
  };
  const contentType = one(OID.contentType);
  const messageDigest = one(OID.messageDigest);
  if (contentType === undefined || messageDigest === undefined) throw node.fault('has signed attributes without content type or message digest');
  const time = one(OID.signingTime);
  const certificate = one(OID.signingCertificateV2);
  return {
    signed: Buffer.concat([Uint8Array.of(TAG.set), node.raw.subarray(1)]),
    contentType: contentType.oid(),
    messageDigest: messageDigest.octets(),
    signingTime: time && derTimeOf(time),
    certificate: certificate && readCertificateId(certificate),
  };
}

/** True when `content` is what a signer with attributes would have signed. */
export function couldBeAttributes(content: Uint8Array): boolean {
  if (content[0] !== TAG.set) return false;
  try {
    readSignedAttributes(readDer(content, { where: 'content', code: 'signature-malformed' }, DER_LIMITS.signatureBytes));
    return true;
  } catch {
    return false;
  }
}

/** SigningCertificateV2: the first ESSCertIDv2 is that of the signer; SHA-256 where no hash is named. */
function readCertificateId(node: DerNode): SignedAttributes['certificate'] {
  const list = node.fields().next(TAG.sequence);
  const first = list.fields().next(TAG.sequence).fields();
  const algorithm = first.optional(TAG.sequence);
  return { hash: algorithm === undefined ? 'sha256' : readHashAlgorithm(algorithm), digest: first.next().octets() };
}
