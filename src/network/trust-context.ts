import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificateFiles } from './certificate-files.js';
import { cipherOrder } from './cipher-order.js';

/**
 * What TLS connections are made with: the authorities that Node trusts by default, those of `ca` besides them, and a client
 * certificate. Made once for all connections of a client. Naming `ca` to Node would replace its defaults, and to give all of them along
 * means to parse 144 certificates for each context, 0.1 s and more; added to the finished context, they cost what one certificate does.
 */
export function trustContext({ ca, ...identity }: CertificateFiles): SecureContext {
  const made = createSecureContext({ ...cipherOrder(), ...identity });
  // Node's own way to add them one by one (`_tls_common.js`): its store of defaults is copied for this context, not changed.
  const { context } = made as { readonly context: { addCACert(pem: string): void } };
  if (ca !== undefined) context.addCACert(ca);
  return made;
}
