import type { TrustFile } from '../../crypto/trust/trust.js';
import { readCertificateLists, type CertificateList } from '../../crypto/x509/certificate-list.js';
import { seconds } from '../../crypto/x509/check-certificate.js';
import { ImgkitError } from '../../errors.js';

/**
 * Holds that the CRLs of `next` may take the place of those in the file `old`, which has the same name: each by one of the same CA that is not
 * older. Else what a CA revoked would be forgotten, for a list of another CA, or for one that somebody kept from before. Throws
 * `file-exists`, `rollback-refused`.
 */
export function requireNewerLists(old: TrustFile, next: TrustFile, folder: string): void {
  const lists = readCertificateLists(next);
  for (const before of readable(old)) {
    const [after] = lists.filter((list) => isOfSameCa(list, before)).toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
    if (after === undefined) {
      throw new ImgkitError('file-exists', `${folder}: has the CRL of another CA (${before.issuer.text}) as ${old.name} already; give the new one another name, or say --force to do without the old one.`, { file: folder, entry: old.name });
    }
    if (after.thisUpdate >= before.thisUpdate) continue;
    const [expected, found] = [seconds(before.thisUpdate), seconds(after.thisUpdate)];
    throw new ImgkitError('rollback-refused', `${next.name}: this CRL of ${before.issuer.text} is of ${found}, older than the one of ${expected} that is there, and what was revoked since would count again; get the newest one from the CA, or say --force.`, { file: next.name, expected: `>= ${expected}`, found });
  }
}

/** One that cannot be read protects nothing. */
function readable(file: TrustFile): readonly CertificateList[] {
  try {
    return readCertificateLists(file);
  } catch (error) {
    if (error instanceof ImgkitError) return [];
    throw error;
  }
}

/** A CA that changed its key has lists of both keys under one name. */
function isOfSameCa(a: CertificateList, b: CertificateList): boolean {
  const sameKey = a.authorityKeyId === undefined || b.authorityKeyId === undefined || Buffer.compare(a.authorityKeyId, b.authorityKeyId) === 0;
  return sameKey && Buffer.compare(a.issuer.raw, b.issuer.raw) === 0;
}
