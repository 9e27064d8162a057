import { stat } from 'node:fs/promises';
import { readLocation } from '../../formats/locations/open-source.js';
import { fromSystemError, isImgkitError, type ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import { isStandardInput } from './hashed-input.js';
import type { PinnedFile } from './pinned-file.js';
import type { VerifyReport } from './results.js';
import type { Session } from './session.js';
import type { SignatureCheck, SignatureFindings } from './signature-findings.js';

/**
 * Checks who signed what `target` names: the file as a whole where it is one and is signed; else the images in it must be, see `ofImages`.
 * `pinned` is the local file, where it is one. Throws what is not about the signatures.
 */
export async function checkSignatures(session: Session, target: string, check: SignatureCheck, pinned: PinnedFile | undefined): Promise<SignatureFindings> {
  const location = readLocation(target);
  // One that is not there is told as that.
  if (pinned === undefined && 'path' in location && location.path !== '-') {
    await stat(location.path).catch((error: unknown) => {
      throw fromSystemError(error, target, 'looking at it');
    });
  }
  const ofImages = (unsigned?: ImgkitError): SignatureFindings['ofImages'] => async (source, roots) => (await import('./image-signature-findings.js')).imageSignatureFindings(session, source, roots, check, unsigned);
  const streamed = pinned === undefined && (location.kind === 'url' || isStandardInput(location));
  if (pinned === undefined && !streamed) return { findings: [], signatures: [], refused: false, ofImages: ofImages() };
  const found = pinned === undefined ? await (await import('./stream-signature-findings.js')).streamSignatureFindings(session, location, check) : await (await import('./signature-findings.js')).signatureFindings(session, pinned, check);
  // The file is not signed at all: then the images in it must be.
  if (!isImgkitError(found.error, 'signature-missing')) return found;
  return { ...found, findings: found.findings.map((each) => (each.status === 'failed' ? { ...each, status: 'note' } : each)), refused: false, ofImages: ofImages(found.error) };
}

/** By its signatures, or for what is broken in them. */
export function isRefused({ refused, findings }: SignatureFindings): boolean {
  return refused || findings.some(({ status }) => status === 'failed');
}

/** Of what is refused nothing else is told. */
export function refusal(location: string, { findings, refused }: SignatureFindings, format?: VerifyReport['format']): VerifyReport {
  return { location, ...(format === undefined ? {} : { format }), ok: false, findings, images: [], ...(refused ? { refused: true } : {}) };
}

export function notAsSigned({ message, details: { expected, found } }: ImgkitError, subject: string): Finding {
  return { check: 'signed-file', status: 'failed', subject, message, expected, found };
}
