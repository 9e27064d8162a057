import { TAG, type DerNode } from './der-node.js';

/** The e-mail addresses and DNS names of a subjectAltName (RFC 5280, 4.2.1.6). Other kinds are no identities here. */
export function readGeneralNames(value: DerNode): { readonly emails: readonly string[]; readonly dnsNames: readonly string[] } {
  const emails: string[] = [];
  const dnsNames: string[] = [];
  for (const name of value.as(TAG.sequence).children()) {
    if (name.tag !== 0x81 && name.tag !== 0x82) continue;
    // A NUL or a control character inside would let one reader see another name than the next.
    if (name.content.some((byte) => byte <= 0x20 || byte >= 0x7f)) throw name.fault('has an alternative name with characters that do not belong into one');
    (name.tag === 0x81 ? emails : dnsNames).push(Buffer.from(name.content).toString('latin1'));
  }
  return { emails, dnsNames };
}
