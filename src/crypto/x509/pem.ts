import type { PemBlock } from '../keys/pem-text.js';
import { derFault, type DerContext } from './der-check.js';

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,64})-----$/;
const BASE64_LINE = /^[A-Za-z0-9+/=]{0,128}$/;

/**
 * The PEM blocks of a text (RFC 7468), as `openssl` writes them; text between blocks is ignored, as it shows certificates
 * there. Empty when the bytes hold no PEM. Throws when a block begins that does not end, or is no base64. Line by line: a CRL
 * has hundreds of thousands.
 */
export function readPem(bytes: Uint8Array, context: DerContext): readonly PemBlock[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!text.includes('-----BEGIN ')) return [];
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    if (label === undefined) {
      label = BEGIN.exec(line)?.[1];
      if (label === undefined && line.startsWith('-----BEGIN ')) throw derFault(context, 'has a PEM block whose first line is malformed');
      body = [];
    } else if (line === `-----END ${label}-----`) {
      blocks.push({ label, bytes: decode(body.join(''), label, context) });
      label = undefined;
    } else {
      if (!BASE64_LINE.test(line)) throw derFault(context, `has a PEM block "${label}" that does not end as it begins, or holds other characters than base64`);
      body.push(line);
    }
  }
  if (label !== undefined) throw derFault(context, `has a PEM block "${label}" that does not end`);
  return blocks;
}

function decode(base64: string, label: string, context: DerContext): Uint8Array {
  const decoded = Buffer.from(base64, 'base64');
  if (decoded.toString('base64') !== base64) throw derFault(context, `has a PEM block "${label}" that is not valid base64`);
  return decoded;
}
