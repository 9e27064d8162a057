/** Why a certificate was refused, in words, by the code that Node's TLS gives. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'it has expired'],
  ['CERT_NOT_YET_VALID', 'it is not valid yet; is the clock of this machine right?'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'it comes from an authority that is not trusted here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its issuer is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'its issuer is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its issuer is not known here'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it was made for another host name'],
  ['HOSTNAME_MISMATCH', 'it was made for another host name'],
  ['CERT_REVOKED', 'it was revoked'],
  ['CERT_UNTRUSTED', 'its authority is not trusted for this use'],
  ['CERT_REJECTED', 'its authority rejects this use'],
  ['INVALID_CA', 'it was issued by a certificate that may not issue others'],
  ['INVALID_PURPOSE', 'it was not made for a server'],
  ['PATH_LENGTH_EXCEEDED', 'its chain is longer than its authority allows'],
  ['CERT_CHAIN_TOO_LONG', 'its chain is too long'],
  ['CERT_SIGNATURE_FAILURE', 'its signature is wrong'],
  ['CA_MD_TOO_WEAK', 'it is signed with a hash that is too weak'],
  ['EE_KEY_TOO_SMALL', 'its key is too short'],
  ['CA_KEY_TOO_SMALL', 'the key of its authority is too short'],
]);

const ISSUER = /ISSUER|SELF_SIGNED|LEAF_SIGNATURE|UNTRUSTED/;

/** Why the certificate was refused and what to do about it; undefined when `code` is not about a certificate. */
export function certificateProblem(code: string): { readonly reason: string; readonly remedy: string } | undefined {
  const reason = REASONS.get(code);
  if (reason === undefined) return undefined;
  if (ISSUER.test(code)) return { reason, remedy: 'if this is right, get the certificate of its authority from the owner of the server and name it with --ca FILE' };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return { reason, remedy: 'use the name that the certificate holds, or ask the owner of the server for one with this name' };
  return { reason, remedy: 'ask the owner of the server for a new one' };
}

/** What a TLS alert or handshake failure means, where it says something useful; `login` when it is our own certificate that is refused. */
export function handshakeProblem(code: string, message: string): { readonly reason: string; readonly login: boolean } | undefined {
  if (/CERTIFICATE_REQUIRED|alert number 116/i.test(`${code} ${message}`)) return { reason: 'the server wants a client certificate: name it with --client-cert and --client-key', login: true };
  if (/ALERT_(?:BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(?:EXPIRED|REVOKED|UNKNOWN))|ACCESS_DENIED/i.test(code)) return { reason: 'the server refuses our client certificate, or wants one (--client-cert and --client-key)', login: true };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/i.test(`${code} ${message.replaceAll(' ', '_')}`)) return { reason: 'the server does not speak TLS at this port; check scheme and port', login: false };
  if (/^ERR_SSL_|^EPROTO$/.test(code)) return { reason: `the TLS handshake failed (${code})`, login: false };
  return undefined;
}
