import { stat } from 'node:fs/promises';
import type { Location } from '../image/location.js';
import { fromSystemError, isImgkitError } from '../errors.js';
import { isStandardInput } from './hashed-input.js';
import type { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import type { FileInquiry, ImageInquiry, SignatureFindings, SignatureInquiry, StreamInquiry } from './signature-inquiry.js';

/**
 * Checks who signed what is at `location`: the file as a whole where it is one and is signed; else the images in it must be.
 * `pinned` is the local file, where it is one. Throws what is not about the signatures.
 */
export async function checkSignatures(session: Session, location: Location, check: SignatureCheck, pinned: PinnedFile | undefined): Promise<SignatureInquiry> {
  const ofImages = (known: SignatureFindings): ImageInquiry => ({
    ...known,
    of: 'images',
    judge: async (source, roots) => (await import('./image-signature-findings.js')).imageSignatureFindings(session, source, roots, check, known.error),
  });
  const found = await checkFile(session, location, check, pinned);
  if (found === undefined) return ofImages({ findings: [], signatures: [], refused: false });
  // The file is not signed at all: then the images in it must be.
  if (!isImgkitError(found.error, 'signature-missing')) return found;
  const { error, signatures, findings } = found;
  return ofImages({ error, signatures, refused: false, findings: findings.map((each) => (each.status === 'failed' ? { ...each, status: 'note' } : each)) });
}

/** Undefined for what is no file. */
async function checkFile(session: Session, location: Location, check: SignatureCheck, pinned: PinnedFile | undefined): Promise<FileInquiry | StreamInquiry | undefined> {
  if (pinned !== undefined) return (await import('./signature-findings.js')).signatureFindings(session, pinned, check);
  if (location.kind === 'url' || isStandardInput(location)) return (await import('./stream-signature-findings.js')).streamSignatureFindings(session, location, check);
  // One that is not there is told as that.
  if ('path' in location) await stat(location.path).catch((error: unknown) => {
    throw fromSystemError(error, location.text, 'looking at it');
  });
  return undefined;
}
