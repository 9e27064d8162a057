import type { ImageSource, Root } from '../image/image-source.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import { isRefused, type Judgement, type SignatureFindings, type SignatureInquiry } from './signature-inquiry.js';

/** Judges what is in `source`, whose bytes were read if they come once, as `load` would. Throws what is not about the images. */
export async function judgeOpened(session: Session, check: SignatureCheck, inquiry: SignatureInquiry, source: ImageSource, roots: readonly Root[]): Promise<Judgement> {
  const found = await foundInside(inquiry, source, roots);
  if (isRefused(found) || check.trust === undefined) return { found };
  const { policyFinding } = await import('./policy-finding.js');
  // Those of images are found again with the images.
  return { found, ruled: await policyFinding(session, source, roots, check, inquiry.of === 'images' ? [] : found.signatures) };
}

async function foundInside(inquiry: SignatureInquiry, source: ImageSource, roots: readonly Root[]): Promise<SignatureFindings> {
  if (inquiry.of === 'images') return inquiry.judge(source, roots);
  return (inquiry.of === 'stream' ? inquiry.proven?.() : undefined) ?? inquiry;
}
