import type { TrustPlace } from '../../crypto/trust/trust-layout.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import type { Certificate } from '../../crypto/x509/certificate.js';
import { readCertificateLists } from '../../crypto/x509/certificate-list.js';
import { isRefused, verifyWith } from '../../crypto/x509/signature-algorithm.js';
import { ImgkitError } from '../../errors.js';
import type { TrustEntry, TrustFinding } from './inspect-trust.js';

/** Lists are renewed often: only the last days are worth a warning. */
const SOON_MS = 3 * 86_400_000;

/** Adds the lists of one file to `entries`, and to `findings` what is wrong with them: stale, or signed by no CA of the trust. */
export function inspectCrls(file: TrustFile & TrustPlace, authorities: readonly Certificate[], at: Date, entries: TrustEntry[], findings: TrustFinding[]): void {
  const { name: path, kind, owner } = file;
  const add = (status: TrustFinding['status'], message: string): void => { findings.push({ status, path, message }); };
  try {
    for (const list of readCertificateLists(file)) {
      entries.push({ path, kind, owner, name: list.issuer.text, expires: list.nextUpdate });
      const signer = authorities.find(({ subject, publicKey }) => Buffer.compare(subject.raw, list.issuer.raw) === 0
        && !isRefused(list.algorithm) && verifyWith(list.algorithm, list.algorithm.hash ?? 'sha256', publicKey, list.signed, list.signature));
      if (signer === undefined) add('failed', `no CA of the trust signed the CRL of ${list.issuer.text}`);
      if (list.notUnderstood.length > 0) add('failed', `the CRL of ${list.issuer.text} has critical extensions that are not understood`);
      const day = list.nextUpdate?.toISOString().slice(0, 10);
      if (list.nextUpdate === undefined || list.nextUpdate < at) add('failed', `the CRL of ${list.issuer.text} is stale${day === undefined ? '' : ` since ${day}`}: get a new one`);
      else if (list.nextUpdate.getTime() < at.getTime() + SOON_MS) add('note', `the CRL of ${list.issuer.text} counts until ${day} only`);
    }
  } catch (error) {
    if (!(error instanceof ImgkitError)) throw error;
    entries.push({ path, kind, owner, name: 'cannot be read' });
    add('failed', error.message);
  }
}
