import { derFault, type DerContext } from './der-check.js';

/** One armoured block: `-----BEGIN LABEL-----`. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*\r?\n((?:[A-Za-z0-9+/=]{0,128}[ \t]*\r?\n)*)-----END \1-----[ \t]*\r?$/gm;

/**
 * The PEM blocks of a text (RFC 7468), as `openssl` writes them; text between blocks is ignored, as it shows certificates
 * there. Empty when the bytes hold no PEM. Throws when a block begins that does not end, or is no base64.
 */
export function readPem(bytes: Uint8Array, context: DerContext): readonly PemBlock[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const begins = text.match(/^-----BEGIN /gm)?.length ?? 0;
  if (begins === 0) return [];
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    const base64 = body.replaceAll(/[ \t\r\n]/g, '');
    const decoded = Buffer.from(base64, 'base64');
    if (decoded.toString('base64') !== base64) throw derFault(context, `has a PEM block "${label}" that is not valid base64`);
    blocks.push({ label, bytes: decoded });
  }
  if (blocks.length !== begins) throw derFault(context, 'has a PEM block that does not end as it begins, or holds other characters than base64');
  return blocks;
}
