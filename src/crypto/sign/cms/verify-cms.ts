import { ImgkitError } from '../../../errors.js';
import { DER_LIMITS } from '../../../limits.js';
import type { Trust } from '../../trust/trust.js';
import type { ChainMaterial } from '../../x509/build-chain.js';
import { readCertificateLists } from '../../x509/certificate-list.js';
import { readCertificates } from '../../x509/read-certificates.js';
import type { VerifiedSignature } from '../signature.js';
import { readSignedData } from './signed-data.js';
import { verifySigner } from './verify-signer.js';

/**
 * Checks a detached CMS signature (RFC 5652; DER or PEM, as `openssl cms -sign -binary -outform DER` makes it) over `document`:
 * that it fits, and that the signer's certificate leads to one of `trust.roots` with everything in order at `trust.at`
 * (`buildChain`), and belongs to `trust.identity` if that is given. Of several signers one must be good, and each that is counts: a
 * policy may ask for any of them. What was wrong with the others is noted. Certificates that come with the signature and are not part of the chain prove nothing and are not
 * protected by it.
 *
 * Throws `signature-malformed` or `limit-exceeded` (it cannot be read), `key-malformed` (a file of the trust cannot),
 * `signature-invalid` (it does not fit the document), `signature-untrusted` (it does, but its key counts for nothing here).
 */
// oxlint-disable-next-line require-await -- the contract is asynchronous, and so errors reject
export async function verifyCms(document: Uint8Array, signature: Uint8Array, trust: Trust, name: string): Promise<readonly VerifiedSignature[]> {
  const data = readSignedData(signature, name);
  const material: ChainMaterial = {
    roots: trust.roots.flatMap(readCertificates),
    intermediates: [...data.certificates, ...trust.intermediates.flatMap(readCertificates)],
    lists: trust.crls.flatMap(readCertificateLists),
  };
  if (material.roots.length > DER_LIMITS.certificates) throw new ImgkitError('limit-exceeded', `The trust has ${material.roots.length} root certificates, more than the ${DER_LIMITS.certificates} that are read; leave only those in it that you need.`);
  const good: VerifiedSignature[] = [];
  const bad: ImgkitError[] = [];
  for (const signer of data.signers) {
    try {
      good.push(verifySigner(document, signer, material, trust, name));
    } catch (error) {
      if (!(error instanceof ImgkitError)) throw error;
      bad.push(error);
    }
  }
  const [first, ...more] = good;
  if (first === undefined) throw bad[0] as ImgkitError;
  const others = bad.map(({ message }) => `another of its signers does not count: ${message}`);
  return [{ ...first, notes: [...first.notes, ...data.notes, ...others] }, ...more];
}
