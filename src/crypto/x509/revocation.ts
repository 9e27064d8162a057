import { ImgkitError } from '../../errors.js';
import type { Trust } from '../trust/trust.js';
import { describe, type Certificate } from './certificate.js';
import type { CertificateList } from './certificate-list.js';
import { seconds, untrusted } from './check-certificate.js';
import { isRefused, verifyWith } from './signature-algorithm.js';

/**
 * Asks the CRLs of `issuer` about `certificate` at `trust.at`. A list counts when the issuer signed it and may do so; the
 * newest one must be current: a stale one fails closed, whatever `trust.revocation` says. A missing one fails when it is
 * `required`. Resolves to a note when nothing could be asked. Throws `signature-untrusted`.
 */
export function checkRevocation(certificate: Certificate, issuer: Certificate, lists: readonly CertificateList[], trust: Pick<Trust, 'at' | 'revocation'>): string | undefined {
  const named = lists.filter((list) => Buffer.compare(list.issuer.raw, issuer.subject.raw) === 0 && (!isOfOtherKey(list, issuer) || isSignedBy(list, issuer)));
  const usable = named.filter((list) => isSignedBy(list, issuer));
  if (named.length > 0 && usable.length === 0) {
    if (!maySignLists(issuer)) throw untrusted(issuer, `may not sign CRLs, its key usage lacks cRLSign, so the one in its name counts for nothing (${(named[0] as CertificateList).source})`, 'do without that list, or ask the CA for a certificate that may');
    throw listError(named[0] as CertificateList, `is not signed by ${describe(issuer)} with an accepted algorithm`, 'get it again from its CA');
  }
  for (const list of usable) {
    if (list.notUnderstood.length > 0) throw listError(list, `has critical extensions that are not understood (${[...new Set(list.notUnderstood)].join(', ')})`, 'get a complete, direct CRL from its CA');
    const since = list.revoked(certificate.serial);
    if (since !== undefined && since <= trust.at) {
      throw untrusted(certificate, `is revoked by its CA (${list.source})`, 'do not use what it signed; ask the signer for a new signature', { found: since.getTime() === 0 ? 'key compromised' : `revoked ${seconds(since)}` });
    }
  }
  const newest = usable.filter(({ thisUpdate }) => thisUpdate <= trust.at).toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())[0];
  if (newest === undefined) {
    if (trust.revocation === 'required') throw untrusted(certificate, `cannot be checked for revocation: there is no CRL of "${issuer.subject.text}" from before ${seconds(trust.at)}`, 'put the CRL of that CA into the trust folder, under crls');
    return `no CRL of "${issuer.subject.text}" was there to ask about "${certificate.subject.text}"`;
  }
  if (newest.nextUpdate === undefined || newest.nextUpdate < trust.at) {
    const until = newest.nextUpdate === undefined ? 'gives no time until which it counts' : `is stale since ${seconds(newest.nextUpdate)}`;
    throw listError(newest, until, 'get a current one from its CA');
  }
  return undefined;
}

/** A CA that changed its key has lists of both keys under one name. */
function isOfOtherKey(list: CertificateList, issuer: Certificate): boolean {
  const wanted = issuer.extensions.subjectKeyId;
  return list.authorityKeyId !== undefined && wanted !== undefined && Buffer.compare(list.authorityKeyId, wanted) !== 0;
}

function isSignedBy(list: CertificateList, issuer: Certificate): boolean {
  if (isRefused(list.algorithm) || !maySignLists(issuer)) return false;
  return verifyWith(list.algorithm, list.algorithm.hash ?? 'sha256', issuer.publicKey, list.signed, list.signature);
}

function maySignLists({ extensions: { keyUsage } }: Certificate): boolean {
  return keyUsage === undefined || keyUsage.has('cRLSign');
}

function listError(list: CertificateList, problem: string, remedy: string): ImgkitError {
  return new ImgkitError('signature-untrusted', `The CRL of "${list.issuer.text}" (${list.source}) ${problem}; ${remedy}.`, { file: list.source });
}
