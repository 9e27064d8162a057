import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { isImgkitError, type ErrorCode, type ImgkitError } from '../errors.js';
import type { Check, Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';
import type { FileFacts } from '../operations/trust/digest-file.js';
import { readSidecars } from '../operations/trust/find-sidecars.js';
import { readTrust, type TrustOptions } from '../operations/trust/read-trust.js';
import { verifySignedEntry } from '../operations/trust/verify-signed-file.js';
import { basename } from 'node:path';
import { Hashing } from './hashing.js';
import type { PinnedFile } from './pinned-file.js';
import type { Session } from './session.js';

/** Whom to believe, and where the signatures are. */
export interface SignatureCheck extends TrustOptions {
  /** Default: `FILE.sha256`. */
  readonly statement?: string | undefined;
  /** Files: signatures over the statement (default: all beside it), and GPG signatures of the image. */
  readonly signatures?: readonly string[] | undefined;
  /** Folders with GPG signatures of images, laid out as `lookaside` of containers-registries.d(5), or URLs of such. */
  readonly lookaside?: readonly string[] | undefined;
}

export interface SignatureFindings {
  readonly findings: readonly Finding[];
  readonly signatures: readonly VerifiedSignature[];
  readonly refused: boolean;
  /** What was thrown for the finding that failed, if one did. */
  readonly error?: ImgkitError | undefined;
  /**
   * Set for a large file, which is hashed meanwhile: all that was found, once that is done. Until then the findings are those of the
   * signatures alone. Who gets it awaits it, whatever happens. Rejects with what is not about the file.
   */
  readonly whole?: Promise<SignatureFindings> | undefined;
  /** Set when the images themselves must be signed: call it when they are open. */
  readonly ofImages?: ((source: ImageSource, roots: readonly Root[]) => Promise<SignatureFindings>) | undefined;
  /** Set when the bytes of the file come once, from a host or a pipe: what lets them through, and fails unless they are what was signed. */
  readonly proveChunks?: ((chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  /** Set with it: what was found, once all of them went through. */
  readonly proven?: (() => SignatureFindings) | undefined;
}

/** What refuses a signature, and what says that it is none. */
export const REFUSED: readonly ErrorCode[] = ['signature-missing', 'signature-invalid', 'signature-untrusted'];
export const BROKEN: readonly ErrorCode[] = ['signature-malformed', 'statement-malformed', 'limit-exceeded'];

/**
 * Checks the signatures over the statement of the file `pinned`, then the statement, then size and digest of the file; stops
 * at the first that fails. A large file is still hashed when this has returned: see `whole`. Throws what is not about the file: trust that cannot be read, for one.
 */
export async function signatureFindings(session: Session, pinned: PinnedFile, check: SignatureCheck): Promise<SignatureFindings> {
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

async function findingsOf(hashing: Hashing, check: SignatureCheck, signal: AbortSignal | undefined): Promise<SignatureFindings> {
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
    if (hashing.isSmall) return await whole;
    // Whoever awaits it later hears of a failure.
    whole.catch(() => undefined);
    return { findings, signatures, refused: false, whole };
  } catch (error) {
    return failed(error);
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
