import { constants } from 'node:crypto';
import tls from 'node:tls';

const QUICKEST = 'TLS_AES_128_GCM_SHA256';

/**
 * The cipher suites that Node offers, no other ones, with the quickest of TLS 1.3 first: AES-128-GCM takes 0.7 of the work of AES-256-GCM
 * at either end. For TLS 1.2 Node's order begins with it already, as do those of Go and of browsers for both. A server may insist on
 * another. Gives nothing where somebody chose the suites: `--tls-cipher-list`, or a program by `tls.DEFAULT_CIPHERS`.
 */
export function cipherOrder(): { readonly ciphers?: string } {
  const names = tls.DEFAULT_CIPHERS.split(':');
  if (tls.DEFAULT_CIPHERS !== constants.defaultCoreCipherList || !names.includes(QUICKEST)) return {};
  return { ciphers: [QUICKEST, ...names.filter((name) => name !== QUICKEST)].join(':') };
}
