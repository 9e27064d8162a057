import { TAG, type DerNode } from './der-node.js';

/** A name in a certificate: its bytes, by which issuers are found, and a text for people. */
export interface DistinguishedName {
  readonly raw: Uint8Array;
  /** `C=DE, O=Acme, CN=Release`, in the order of the certificate; special characters are escaped as in RFC 4514. */
  readonly text: string;
  /** Every common name. */
  readonly commonNames: readonly string[];
}

const COMMON_NAME = '2.5.4.3';
const SHORT: ReadonlyMap<string, string> = new Map([
  [COMMON_NAME, 'CN'], ['2.5.4.5', 'serialNumber'], ['2.5.4.6', 'C'], ['2.5.4.7', 'L'], ['2.5.4.8', 'ST'], ['2.5.4.10', 'O'], ['2.5.4.11', 'OU'],
  ['1.2.840.113549.1.9.1', 'emailAddress'], ['0.9.2342.19200300.100.1.25', 'DC'], ['0.9.2342.19200300.100.1.1', 'UID'],
]);

/** Reads a Name (RFC 5280, 4.1.2.4). Throws the error of the node's context. */
export function readDistinguishedName(node: DerNode): DistinguishedName {
  const parts: string[] = [];
  const commonNames: string[] = [];
  for (const set of node.as(TAG.sequence).children()) {
    const values: string[] = [];
    for (const attribute of set.as(TAG.set).children()) {
      const fields = attribute.fields();
      const type = fields.next().oid();
      const value = derText(fields.next());
      fields.end();
      if (type === COMMON_NAME) commonNames.push(value);
      values.push(`${SHORT.get(type) ?? type}=${value.replaceAll(/[,+"\\<>;=]/g, '\\$&')}`);
    }
    parts.push(values.join('+'));
  }
  return { raw: node.raw, text: parts.join(', '), commonNames };
}

/** A character string of any of the types that names are written in; others as hexadecimal digits. */
function derText(node: DerNode): string {
  const bytes = Buffer.from(node.content.buffer, node.content.byteOffset, node.content.length);
  switch (node.tag) {
    case TAG.utf8:
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        throw node.fault('has a name that is not valid UTF-8');
      }
    case TAG.printable:
    case TAG.ia5:
    case 0x12: // NumericString
    case 0x1a: // VisibleString
      if (bytes.some((byte) => byte >= 0x80)) throw node.fault('has a name that is not ASCII');
      return bytes.toString('latin1');
    case 0x14: // TeletexString, which the world reads as Latin-1
      return bytes.toString('latin1');
    case 0x1e: // BMPString
      if (bytes.length % 2 !== 0) throw node.fault('has a name of half characters');
      return Buffer.from(bytes).swap16().toString('utf16le');
    default:
      return `#${bytes.toString('hex')}`;
  }
}
