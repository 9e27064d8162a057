import type { asn1 } from 'node-forge';

/** Universal tags (X.690). */
const SEQUENCE = 0x10;
const INTEGER = 0x02;
const OCTETS = 0x04;
/** Nothing in a key file is nested deeper. */
const DEPTH = 40;

/**
 * How often the passphrase is stretched for the MAC and for everything that is encrypted, as the file says: known before any work is done.
 * In ASN.1 every such count stands behind its salt, `SEQUENCE { ..., salt OCTET STRING, iterations INTEGER, ... }`, and what is not
 * encrypted lies as DER in octet strings. `parse` takes those apart; undefined for bytes that are no DER.
 */
export function pkcs12Iterations(pfx: asn1.Asn1, parse: (bytes: string) => asn1.Asn1 | undefined): readonly number[] {
  const counts: number[] = [];
  const visit = (node: asn1.Asn1, depth: number): void => {
    if (depth > DEPTH) return;
    if (!Array.isArray(node.value)) {
      const nested = Number(node.type) === OCTETS && typeof node.value === 'string' && node.value.startsWith('\x30') ? parse(node.value) : undefined;
      if (nested !== undefined) visit(nested, depth + 1);
      return;
    }
    const parts = node.value as readonly asn1.Asn1[];
    for (const [i, part] of parts.entries()) {
      if (Number(node.type) === SEQUENCE && Number(part.type) === INTEGER && i > 0 && Number(parts[i - 1]?.type) === OCTETS) counts.push(toNumber(part));
      visit(part, depth + 1);
    }
    // A MAC without a count is stretched once (RFC 7292, MacData).
    if (depth === 1 && parts.length === 2 && Number(parts[0]?.type) === SEQUENCE && Number(parts[1]?.type) === OCTETS) counts.push(1);
  };
  visit(pfx, 0);
  return counts;
}

function toNumber({ value }: asn1.Asn1): number {
  const bytes = Buffer.from(typeof value === 'string' ? value : '', 'binary');
  return bytes.length === 0 || bytes.length > 6 ? Infinity : bytes.readUIntBE(0, bytes.length);
}
