import { DER_LIMITS } from '../../../limits.js';
import { readCertificate, type Certificate } from '../../x509/certificate.js';
import type { DerContext } from '../../x509/der-check.js';
import { derFault } from '../../x509/der-check.js';
import { readDer, TAG, type DerNode } from '../../x509/der-node.js';
import { OID } from '../../x509/oids.js';
import { readPem } from '../../x509/pem.js';
import { readHashAlgorithm } from '../../x509/signature-algorithm.js';
import { readSignerInfo, type SignerInfo } from './signer-info.js';

/** A CMS SignedData without content (RFC 5652, 5), read strictly. Nothing is verified yet. */
export interface SignedData {
  readonly certificates: readonly Certificate[];
  readonly signers: readonly SignerInfo[];
  /** What it carries that nothing here looks at. */
  readonly notes: readonly string[];
}

/**
 * Reads a detached signature, DER or PEM (`PKCS7`, `CMS`). All that is not protected by the signature must have the one value
 * that belongs there, so that no byte can be changed unseen. Throws `signature-malformed` or `limit-exceeded`.
 */
export function readSignedData(bytes: Uint8Array, name: string): SignedData {
  const context: DerContext = { where: name, code: 'signature-malformed' };
  const outer = readDer(binary(bytes, context), context, DER_LIMITS.signatureBytes).fields();
  const type = outer.next().oid();
  if (type !== OID.signedData) throw derFault(context, `is no CMS signature but has the content type ${type}`);
  const data = outer.next(0xa0).only();
  outer.end();

  const fields = data.fields();
  const version = fields.next(TAG.integer).number();
  const digests = [...fields.next(TAG.set).children()];
  const content = fields.next().fields();
  const contentType = content.next().oid();
  if (contentType !== OID.data) throw data.fault(`signs content of the type ${contentType}, not plain data`);
  if (content.tag !== undefined) throw data.fault('carries its content; a detached signature is needed (openssl cms -sign without -nodetach)');
  const certificates = readCertificateSet(fields.optional(0xa0), name);
  const lists = fields.optional(0xa1);
  const signers = [...fields.next(TAG.set).children()];
  fields.end();
  if (signers.length === 0) throw data.fault('has no signer');
  if (signers.length > DER_LIMITS.signers) throw data.fault(`has ${signers.length} signers, more than the ${DER_LIMITS.signers} that are read`);
  const infos = signers.map(readSignerInfo);
  if (version !== (infos.every((info) => info.version === 1) ? 1 : 3)) throw data.fault(`has the version ${version}, which does not fit what it holds`);
  checkDigests(digests, infos, data);
  const notes = infos.some(({ hasUnsigned }) => hasUnsigned) ? ['unsigned attributes, such as time stamps, were not looked at'] : [];
  return { certificates, signers: infos, notes: lists === undefined ? notes : [...notes, 'CRLs inside the signature were not looked at: only those of the trust count'] };
}

/** The list of digests must name those of the signers, each once. */
function checkDigests(digests: readonly DerNode[], infos: readonly SignerInfo[], data: DerNode): void {
  const listed = digests.map((node) => JSON.stringify(readHashAlgorithm(node))).toSorted();
  const used = [...new Set(infos.map(({ hash }) => JSON.stringify(hash)))].toSorted();
  if (listed.join() !== used.join()) throw data.fault('lists other digest algorithms than its signers use');
}

function readCertificateSet(set: DerNode | undefined, name: string): readonly Certificate[] {
  const certificates: Certificate[] = [];
  for (const node of set?.children() ?? []) {
    if (node.tag !== TAG.sequence) throw node.fault('holds a certificate of a kind other than X.509');
    if (certificates.length >= DER_LIMITS.certificates) throw node.fault(`holds more than ${DER_LIMITS.certificates} certificates`);
    certificates.push(readCertificate(node.raw, `${name}, certificate ${certificates.length + 1}`, 'signature-malformed'));
  }
  return certificates;
}

function binary(bytes: Uint8Array, context: DerContext): Uint8Array {
  if (bytes[0] !== 0x2d || bytes.length > 2 * DER_LIMITS.signatureBytes) return bytes;
  const [block, ...others] = readPem(bytes, context);
  if (block === undefined || others.length > 0 || !['CMS', 'PKCS7'].includes(block.label)) throw derFault(context, 'is neither a DER nor a PEM signature');
  return block.bytes;
}
