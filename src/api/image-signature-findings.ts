import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import { familiarName, parseReference } from '../image/reference.js';
import { signedByTag } from '../image/signature-tag.js';
import { holdsImage } from '../operations/holds-image.js';
import { findReferrers } from '../operations/referrers.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { needsLookaside, signaturePlaces } from '../operations/trust/signature-places.js';
import { verifyImageSignatures } from '../operations/trust/verify-image-signatures.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import { BROKEN, REFUSED, signatureFinding } from './signature-findings.js';
import type { SignatureFindings } from './signature-inquiry.js';

/**
 * Checks that every image among `roots` is signed itself, by somebody trusted, over its digest and for its names; artifacts that are about
 * others need no signature. `unsigned` says that the file that holds them has no signature either. Throws what is not about the images: trust that cannot be read, for one.
 */
export async function imageSignatureFindings(session: Session, source: ImageSource, roots: readonly Root[], check: SignatureCheck, unsigned?: ImgkitError): Promise<SignatureFindings> {
  const { signal } = session.options;
  const { trust, notes } = await readTrust(check, signal);
  const findings: Finding[] = notes.map((message) => ({ check: 'signature', status: 'note', subject: check.trust ?? '', message }));
  const places = await signaturePlaces(check, signal, unsigned === undefined);
  const hint = needsLookaside(trust, check) ? 'GPG signatures lie apart from it: name their folder with --lookaside' : 'ask for one: imgkit sign LOCATION --key KEY';
  const signatures: VerifiedSignature[] = [];
  let failure: ImgkitError | undefined;
  const ofFile = (status: 'failed' | 'note'): readonly Finding[] => (unsigned === undefined ? [] : [{ check: 'signature', status, subject: source.location, message: unsigned.message }]);
  const nameless = roots.filter(({ names, refName }) => names.length === 0 && refName === undefined);
  const attached = new Set((await findReferrers({ blobs: source.blobs, location: source.location, roots: nameless }, session.limits)).map(({ root }) => root));
  for (const root of roots) {
    if ((signedByTag(root) !== undefined || attached.has(root)) && !(await holdsImage(source, root, session.limits))) continue;
    const subject = root.names[0] === undefined ? (root.refName ?? root.descriptor.digest) : familiarName(parseReference(root.names[0]));
    try {
      const found = await verifyImageSignatures(source, root, { ...places, trust, limits: session.limits, network: session.options.network, signal });
      signatures.push(...found.signatures);
      findings.push(...found.signatures.flatMap((each) => signatureFinding(each, subject)));
      const status = found.signatures.length === 0 ? 'failed' : 'note';
      findings.push(...found.untrusted.map(({ message, details: { expected, found: instead } }): Finding => ({ check: 'signature', status, subject, message, expected, found: instead })));
      if (found.signatures.length > 0) continue;
      const missing = new ImgkitError('signature-missing', `the image ${root.descriptor.digest} has no signature of its own; ${hint}`, { entry: subject });
      failure ??= found.untrusted[0] ?? missing;
      if (found.untrusted.length === 0) findings.push({ check: 'signature', status: 'failed', subject, message: missing.message });
    } catch (error) {
      if (!isImgkitError(error, ...REFUSED, ...BROKEN)) throw error;
      failure ??= error;
      findings.push({ check: 'signature', status: 'failed', subject, message: error.message, expected: error.details.expected, found: error.details.found });
    }
  }
  // Nothing was signed where there is nothing that could be.
  if (failure === undefined && signatures.length === 0) {
    failure = unsigned ?? new ImgkitError('signature-missing', `${source.location}: holds no image, so none that is signed; imgkit list shows what is there.`, { file: source.location });
    if (unsigned === undefined) findings.push({ check: 'signature', status: 'failed', subject: source.location, message: failure.message });
  }
  // Either signature would do: where there is none, both are missing.
  findings.splice(notes.length, 0, ...ofFile(failure === undefined ? 'note' : 'failed'));
  return { findings, signatures, refused: failure !== undefined && REFUSED.includes(failure.code), error: failure };
}
