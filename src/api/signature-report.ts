import { standardInput } from '../../formats/open-archive.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { findingFor } from '../operations/verify-finding.js';
import { isRefused, notAsSigned, refusal } from './check-signatures.js';
import type { PinnedFile } from './pinned-file.js';
import { remoteChunks } from './remote-digest.js';
import { reportedImages } from './reported-images.js';
import type { VerifyReport } from './results.js';
import type { Session } from './session.js';
import type { SignatureFindings } from './signature-findings.js';
import type { VerifyOptions } from './verify.js';

interface Known {
  readonly shown: string;
  readonly pinned: PinnedFile | undefined;
  readonly signed: SignatureFindings;
}

/** Throws `usage` when signatures alone are asked for with nobody to trust, or with a digest to compare with. */
export function requireSignatureOnly({ signed, expect }: VerifyOptions): void {
  if (signed === undefined) throw new ImgkitError('usage', 'With signatureOnly there must be somebody to trust; name keys, certificates or a trust folder.');
  if (expect !== undefined) throw new ImgkitError('usage', 'With signatureOnly nothing but signatures is looked at; leave out the expected digest.');
}

/**
 * What `verify` tells of signatures alone: of a file, which is read and compared with what was signed, whatever it holds; or, where it is not
 * signed as a whole, of the images in it, which the policy must allow. Broken input is a finding.
 */
export async function signatureReport(session: Session, options: VerifyOptions, { shown, pinned, signed }: Known): Promise<VerifyReport> {
  if (signed.ofImages !== undefined) return await imageReport(session, options, { shown, pinned, signed });
  const found = signed.proveChunks === undefined ? ((await signed.whole) ?? signed) : await streamed(session, options, signed, shown);
  await pinned?.unchanged();
  if (isRefused(found)) return refusal(shown, found);
  return { location: shown, ok: true, findings: found.findings, images: [], signatures: found.signatures, signatureOnly: true };
}

/** All of it must come, and be what was signed. */
async function streamed(session: Session, { target, stdin }: VerifyOptions, { findings, proveChunks, proven }: SignatureFindings, shown: string): Promise<SignatureFindings> {
  const location = readLocation(target);
  const chunks = location.kind === 'url' ? remoteChunks(session, location.url) : (stdin ?? standardInput());
  try {
    for await (const _ of (proveChunks as NonNullable<typeof proveChunks>)(chunks));
  } catch (error) {
    if (!isImgkitError(error, 'signature-invalid')) throw error;
    return { findings: [...findings, notAsSigned(error, shown)], signatures: [], refused: true, error };
  }
  return (proven as NonNullable<typeof proven>)();
}

async function imageReport(session: Session, { target, signed: check }: VerifyOptions, { shown, pinned, signed }: Known): Promise<VerifyReport> {
  const { ofImages, error, findings } = signed;
  try {
    const { source, roots } = await session.open(target, { referrers: true, prove: pinned?.prove() });
    const found = await (ofImages as NonNullable<typeof ofImages>)(source, roots);
    if (isRefused(found)) return refusal(shown, found, source.format);
    const ruled = check?.trust === undefined ? undefined : await (await import('./policy-finding.js')).policyFinding(session, source, roots, check, []);
    if (ruled !== undefined) return { location: shown, format: source.format, ok: false, findings: [...found.findings, ruled], images: [], refused: true };
    return { location: shown, format: source.format, ok: true, findings: found.findings, images: reportedImages(roots), signatures: found.signatures, signatureOnly: true };
  } catch (problem) {
    // No image archive, or not for us to open: then it is the file that should have been signed, which was noted only until here.
    if (error !== undefined && isImgkitError(problem, 'format-unknown', 'decryption-refused')) {
      return refusal(shown, { findings: findings.map((each) => (each.message === error.message ? { ...each, status: 'failed' } : each)), signatures: [], refused: true });
    }
    return { location: shown, ok: false, findings: [...findings, findingFor(problem, 'archive-structure', shown)], images: [] };
  }
}
