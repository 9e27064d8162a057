import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { isImgkitError, type ErrorCode } from '../errors.js';
import type { Check, Finding } from '../image/finding.js';
import type { FileFacts } from '../operations/trust/digest-file.js';
import { readSidecars } from '../operations/trust/find-sidecars.js';
import { readTrust } from '../operations/trust/read-trust.js';
import { verifySignedEntry } from '../operations/trust/verify-signed-file.js';
import { basename } from 'node:path';
import { Hashing } from './hashing.js';
import type { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';
import type { SignatureCheck } from './signature-check.js';
import type { FileInquiry, SignatureFindings } from './signature-inquiry.js';

/** What refuses a signature, and what says that it is none. */
export const REFUSED: readonly ErrorCode[] = ['signature-missing', 'signature-invalid', 'signature-untrusted'];
export const BROKEN: readonly ErrorCode[] = ['signature-malformed', 'statement-malformed', 'limit-exceeded'];

/**
 * Checks the signatures over the statement of the file `pinned`, then the statement, then size and digest of the file; stops
 * at the first that fails. A large file is still hashed when this has returned: see `whole`. Throws what is not about the file: trust that cannot be read, for one.
 */
export async function signatureFindings(session: Session, pinned: PinnedFile, check: SignatureCheck): Promise<FileInquiry> {
  const hashing = new Hashing(session, pinned);
  try {
    const found = await findingsOf(hashing, check, session.options.signal);
    if (found.whole === undefined) await hashing.stop();
    return found;
  } catch (error) {
    await hashing.stop();
    throw error;
  }
}

async function findingsOf(hashing: Hashing, check: SignatureCheck, signal: AbortSignal | undefined): Promise<FileInquiry> {
  const path = hashing.pinned.file.name;
  const { trust, notes } = await readTrust(check, signal);
  const findings: Finding[] = notes.map((message) => ({ check: 'signature', status: 'note', subject: check.trust ?? '', message }));
  let step: Check = 'signature';
  let subject = path;
  const failed = (error: unknown): SignatureFindings => {
    if (!isImgkitError(error, ...REFUSED, ...BROKEN)) throw error;
    const { expected, found } = error.details;
    const finding: Finding = { check: step, status: 'failed', subject, message: error.message, expected, found };
    return { findings: [...findings, finding], signatures: [], refused: REFUSED.includes(error.code), error };
  };
  try {
    const sidecars = await readSidecars({ file: path, statement: check.statement, signatures: check.signatures }, signal);
    subject = sidecars.statement.name;
    const { entry, signatures, notes: said } = await verifySignedEntry({ ...sidecars, trust, name: basename(path), signal });
    findings.push(...signatures.flatMap((each) => signatureFinding(each, subject)));
    findings.push(...said.map((message): Finding => ({ check: 'signature', status: 'note', subject, message })));
    [step, subject] = ['signed-file', path];
    const proven = ({ size, digest }: FileFacts): SignatureFindings => {
      const known = entry.size === undefined ? '' : `${size} bytes, `;
      return { findings: [...findings, { check: step, status: 'ok', subject, message: `${known}${digest}, as signed` }], signatures, refused: false };
    };
    hashing.compareSize(entry);
    const whole = hashing.prove(entry).then(proven).catch(failed);
    if (hashing.isSmall) return { ...(await whole), of: 'file' };
    // Whoever awaits it later hears of a failure.
    whole.catch(() => undefined);
    return { of: 'file', findings, signatures, refused: false, whole };
  } catch (error) {
    return { ...failed(error), of: 'file' };
  }
}

/** What to tell of a signature that counts. */
export function signatureFinding({ format, keyId, identity, claimedAt, notes }: VerifiedSignature, subject: string): readonly Finding[] {
  const by = identity === undefined ? keyId : `${identity} (${keyId})`;
  const when = claimedAt === undefined ? '' : `, who claims ${claimedAt.toISOString()}`;
  return [
    { check: 'signature', status: 'ok', subject, message: `${format} signature by ${by}${when}` },
    ...notes.map((message): Finding => ({ check: 'signature', status: 'note', subject, message })),
  ];
}
