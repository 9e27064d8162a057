import { standardInput } from '../../formats/locations/standard-input.js';
import { readLocation } from '../../formats/locations/open-source.js';
import { ImgkitError, isImgkitError } from '../errors.js';
import { findingFor } from '../operations/verify-finding.js';
import { judgeOpened } from './judge-opened.js';
import type { PinnedFile } from './pinned-file.js';
import { remoteChunks } from './remote-digest.js';
import { refusal, reportedImages } from './reported-images.js';
import type { VerifyReport } from './results.js';
import type { Session } from './session.js';
import { notAsSigned, type ImageInquiry, type SignatureFindings, type SignatureInquiry, type StreamInquiry } from './signature-inquiry.js';
import type { VerifyOptions } from './verify.js';

interface Known<Inquiry> {
  readonly shown: string;
  readonly pinned: PinnedFile | undefined;
  readonly inquiry: Inquiry;
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
export async function signatureReport(session: Session, options: VerifyOptions, { shown, pinned, inquiry }: Known<SignatureInquiry>): Promise<VerifyReport> {
  if (inquiry.of === 'images') return imageReport(session, options, { shown, pinned, inquiry });
  const found = inquiry.of === 'stream' ? await streamed(session, options, inquiry, shown) : ((await inquiry.whole) ?? inquiry);
  await pinned?.unchanged();
  return refusal(shown, { found }) ?? { location: shown, ok: true, findings: found.findings, images: [], signatures: found.signatures, signatureOnly: true };
}

/** All of it must come, and be what was signed. */
async function streamed(session: Session, { target, stdin }: VerifyOptions, inquiry: StreamInquiry, shown: string): Promise<SignatureFindings> {
  const location = readLocation(target);
  const chunks = location.kind === 'url' ? remoteChunks(session, location.url) : standardInput(stdin, session.options.signal);
  try {
    for await (const _ of inquiry.proveChunks?.(chunks) ?? []);
  } catch (error) {
    const refused = notAsSigned(inquiry, error, shown);
    if (refused === undefined) throw error;
    return refused;
  }
  return inquiry.proven?.() ?? inquiry;
}

async function imageReport(session: Session, { target, signed: check }: VerifyOptions, { shown, pinned, inquiry }: Known<ImageInquiry>): Promise<VerifyReport> {
  const { error, findings } = inquiry;
  try {
    const { source, roots } = await session.open(target, { referrers: true, prove: pinned?.prove() });
    const judged = await judgeOpened(session, check ?? {}, inquiry, source, roots);
    const refused = refusal(shown, judged, source.format);
    if (refused !== undefined) return refused;
    const { found } = judged;
    return { location: shown, format: source.format, ok: true, findings: found.findings, images: reportedImages(roots), signatures: found.signatures, signatureOnly: true };
  } catch (problem) {
    // No image archive, or not for us to open: then it is the file that should have been signed, which was noted only until here.
    if (error !== undefined && isImgkitError(problem, 'format-unknown', 'decryption-refused')) {
      return { location: shown, ok: false, findings: findings.map((each) => (each.message === error.message ? { ...each, status: 'failed' } : each)), images: [], refused: true };
    }
    return { location: shown, ok: false, findings: [...findings, findingFor(problem, 'archive-structure', shown)], images: [] };
  }
}
