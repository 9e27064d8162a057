import type { Certificate } from './certificate.js';

/**
 * Who a certificate says its owner is, most telling first: e-mail addresses, DNS names, common names, the whole subject. A common name that looks
 * like an address says nothing beside addresses: CAs prove those, and let people choose how they are called.
 */
export function identitiesOf({ extensions, subject }: Certificate): readonly string[] {
  return [...extensions.emails, ...extensions.dnsNames, ...subject.commonNames.filter((name) => extensions.emails.length === 0 || !name.includes('@')), subject.text];
}

/** Other names that the CA proved as it did the first: more addresses, or else more hosts. What people are called at will is none. */
export function otherNamesOf({ extensions: { emails, dnsNames } }: Certificate): readonly string[] {
  return (emails.length > 0 ? emails : dnsNames).slice(1);
}

/** True when `identity` is one of them. DNS names and the domain of an e-mail address differ by case without meaning anything. */
export function hasIdentity(certificate: Certificate, identity: string): boolean {
  const { emails, dnsNames } = certificate.extensions;
  return identitiesOf(certificate).includes(identity)
    || emails.some((email) => foldDomain(email) === foldDomain(identity))
    || dnsNames.some((name) => name.toLowerCase() === identity.toLowerCase());
}

function foldDomain(email: string): string {
  const at = email.lastIndexOf('@');
  return email.slice(0, at) + email.slice(at).toLowerCase();
}
