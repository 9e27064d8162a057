import { TAG, type DerNode } from '../../x509/der-node.js';
import { readHashAlgorithm, readSignatureAlgorithm, type HashName, type RefusedAlgorithm, type SignatureAlgorithm } from '../../x509/signature-algorithm.js';
import { readSignedAttributes, type SignedAttributes } from './signed-attributes.js';

/** One signer of a CMS signature (RFC 5652, 5.3). */
export interface SignerInfo {
  readonly version: number;
  /** How the certificate is named: by issuer (raw) and serial (hexadecimal), or by its key's identifier. */
  readonly id: { readonly issuer: Uint8Array; readonly serial: string } | { readonly keyId: Uint8Array };
  readonly hash: HashName | RefusedAlgorithm;
  readonly attributes: SignedAttributes | undefined;
  readonly algorithm: SignatureAlgorithm | RefusedAlgorithm;
  readonly signature: Uint8Array;
  readonly hasUnsigned: boolean;
}

export function readSignerInfo(node: DerNode): SignerInfo {
  const fields = node.fields();
  const version = fields.next(TAG.integer).number();
  const identifier = fields.next();
  const digestAlgorithm = fields.next(TAG.sequence);
  const signed = fields.optional(0xa0);
  const algorithm = fields.next(TAG.sequence);
  const signature = fields.next().octets();
  const hasUnsigned = fields.optional(0xa1) !== undefined;
  fields.end();
  const id = readIdentifier(identifier);
  if (version !== ('keyId' in id ? 3 : 1)) throw node.fault(`has a signer of version ${version}, which does not fit how its certificate is named`);
  return {
    version, id, signature, hasUnsigned,
    hash: readHashAlgorithm(digestAlgorithm),
    attributes: signed && readSignedAttributes(signed),
    algorithm: readSignatureAlgorithm(algorithm),
  };
}

function readIdentifier(node: DerNode): SignerInfo['id'] {
  if (node.tag === 0x80) return { keyId: node.content };
  const fields = node.fields();
  const issuer = fields.next(TAG.sequence).raw;
  const serial = Buffer.from(fields.next(TAG.integer).content).toString('hex');
  fields.end();
  return { issuer, serial };
}
