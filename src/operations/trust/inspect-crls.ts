import type { TrustPlace } from '../../crypto/trust/trust-layout.js';
import type { TrustFile } from '../../crypto/trust/trust.js';
import type { Certificate } from '../../crypto/x509/certificate.js';
import { readCertificateLists, type CertificateList } from '../../crypto/x509/certificate-list.js';
import { isRefused, verifyWith } from '../../crypto/x509/signature-algorithm.js';
import { ImgkitError } from '../../errors.js';
import type { TrustEntry, TrustFinding } from './inspect-trust.js';

/** Lists are renewed often: only the last days are worth a warning. */
const SOON_MS = 3 * 86_400_000;

/** Adds the lists of the files to `entries`, and to `findings` what is wrong with them: stale, or signed by no CA of the trust. */
export function inspectCrls(files: readonly (TrustFile & TrustPlace)[], authorities: readonly Certificate[], at: Date, entries: TrustEntry[], findings: TrustFinding[]): void {
  const all = files.map((file) => ({ file, lists: readable(file).map((list) => ({ list, signer: signerOf(list, authorities) })) }));
  for (const { file: { name: path, kind, owner }, lists } of all) {
    const add = (status: TrustFinding['status'], message: string): void => { findings.push({ status, path, message }); };
    for (const { list, signer } of lists) {
      if (list instanceof ImgkitError) {
        entries.push({ path, kind, owner, name: 'cannot be read' });
        add('failed', list.message);
        continue;
      }
      entries.push({ path, kind, owner, name: list.issuer.text, expires: list.nextUpdate });
      if (signer === undefined) add('failed', `no CA of the trust signed the CRL of ${list.issuer.text}`);
      if (list.notUnderstood.length > 0) add('failed', `the CRL of ${list.issuer.text} has critical extensions that are not understood`);
      const day = list.nextUpdate?.toISOString().slice(0, 10);
      const stale = `the CRL of ${list.issuer.text} is stale${day === undefined ? '' : ` since ${day}`}`;
      // Only the newest of a CA must be current.
      const newer = signer !== undefined && all.some((other) => other.lists.some((each) => each.signer === signer && !(each.list instanceof ImgkitError) && each.list.thisUpdate > list.thisUpdate && each.list.thisUpdate <= at));
      if (list.nextUpdate === undefined || list.nextUpdate < at) add(newer ? 'note' : 'failed', newer ? `${stale}, and a newer one is there: remove this one` : `${stale}: get a new one`);
      else if (!newer && list.nextUpdate.getTime() < at.getTime() + SOON_MS) add('note', `the CRL of ${list.issuer.text} counts until ${day} only`);
    }
  }
}

/** The lists of a file, or why it cannot be read. */
function readable(file: TrustFile): readonly (CertificateList | ImgkitError)[] {
  try {
    return readCertificateLists(file);
  } catch (error) {
    if (!(error instanceof ImgkitError)) throw error;
    return [error];
  }
}

function signerOf(list: CertificateList | ImgkitError, authorities: readonly Certificate[]): Certificate | undefined {
  if (list instanceof ImgkitError || isRefused(list.algorithm)) return undefined;
  const { issuer, algorithm, signed, signature } = list;
  return authorities.find(({ subject, publicKey }) => Buffer.compare(subject.raw, issuer.raw) === 0 && verifyWith(algorithm, algorithm.hash ?? 'sha256', publicKey, signed, signature));
}
