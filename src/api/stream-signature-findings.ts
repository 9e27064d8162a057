import { ImgkitError, isImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { Location } from '../image/location.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { proveArchive } from './prove-archive.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import { BROKEN, REFUSED, signatureFinding } from './signature-findings.js';
import type { StreamInquiry } from './signature-inquiry.js';

/**
 * Checks the signatures over the statement of a file whose bytes come once, from a host or standard input, as `signatureFindings` does for a
 * local one. The file itself is compared when it is read, which is to be done through `proveChunks`. Throws what is not about the file.
 */
export async function streamSignatureFindings(session: Session, location: Location, check: SignatureCheck): Promise<StreamInquiry> {
  const subject = location.text;
  const { trust, notes } = await readTrust(check, session.options.signal);
  const findings: Finding[] = notes.map((message) => ({ check: 'signature', status: 'note', subject: check.trust ?? '', message }));
  const failed = (error: unknown): StreamInquiry => {
    if (!isImgkitError(error, ...REFUSED, ...BROKEN)) throw error;
    const { expected, found } = error.details;
    findings.push({ check: 'signature', status: 'failed', subject: error.details.file ?? subject, message: error.message, expected, found });
    return { of: 'stream', findings, signatures: [], refused: REFUSED.includes(error.code), error };
  };
  try {
    const proof = await proveArchive(session, location, check, { trust });
    if (proof.proveChunks === undefined) return failed(proof.archive());
    return {
      of: 'stream', findings, signatures: [], refused: false, proveChunks: proof.proveChunks,
      proven() {
        const signatures = proof.archive();
        if (signatures instanceof ImgkitError) throw signatures;
        findings.push(...signatures.flatMap((each) => signatureFinding(each, subject)));
        findings.push(...proof.notes().map((message): Finding => ({ check: 'signature', status: 'note', subject, message })));
        findings.push({ check: 'signed-file', status: 'ok', subject, message: 'as signed' });
        return { findings, signatures, refused: false };
      },
    };
  } catch (error) {
    return failed(error);
  }
}
