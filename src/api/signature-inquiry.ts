import type { VerifiedSignature } from '../crypto/sign/signature.js';
import { isImgkitError, type ImgkitError } from '../errors.js';
import type { Finding } from '../image/finding.js';
import type { ImageSource, Root } from '../image/image-source.js';

/** What was found out about signatures. */
export interface SignatureFindings {
  readonly findings: readonly Finding[];
  readonly signatures: readonly VerifiedSignature[];
  readonly refused: boolean;
  /** What was thrown for the finding that failed, if one did. */
  readonly error?: ImgkitError | undefined;
}

/** A check of signatures before anything is opened: what is known by then, and how the rest is found out. */
export type SignatureInquiry = FileInquiry | StreamInquiry | ImageInquiry;

/** About a local file. */
export type FileInquiry = SignatureFindings & {
  readonly of: 'file';
  /**
   * Set for a large file, which is hashed meanwhile: all that was found, once that is done. Until then the findings are those of the
   * signatures alone. Who gets it awaits it, whatever happens. Rejects with what is not about the file.
   */
  readonly whole?: Promise<SignatureFindings> | undefined;
};

/** About a file whose bytes come once, from a host or a pipe. */
export type StreamInquiry = SignatureFindings & {
  readonly of: 'stream';
  /** Lets them through, and fails unless they are what was signed. Absent where what is known is all. */
  readonly proveChunks?: ((chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) | undefined;
  /** What was found, once all of them went through. */
  readonly proven?: (() => SignatureFindings) | undefined;
};

/** About images that must be signed themselves, for they lie in no file that is. */
export type ImageInquiry = SignatureFindings & {
  readonly of: 'images';
  readonly judge: (source: ImageSource, roots: readonly Root[]) => Promise<SignatureFindings>;
};

/** What is known of signatures when the archive is open. */
export interface Judgement {
  /** Of a large local file it is still what is known without `whole`. */
  readonly found: SignatureFindings;
  /** What the policy of the trust folder refuses, of what the signatures would let in. */
  readonly ruled?: Finding | undefined;
}

/** By its signatures, or for what is broken in them. */
export function isRefused({ refused, findings }: SignatureFindings): boolean {
  return refused || findings.some(({ status }) => status === 'failed');
}

/** What is found when reading failed with `error` because the bytes are not those that were signed; undefined when it failed for something else. */
export function notAsSigned(inquiry: SignatureInquiry | undefined, error: unknown, subject: string): SignatureFindings | undefined {
  if (inquiry?.of !== 'stream' || inquiry.proveChunks === undefined || !isImgkitError(error, 'signature-invalid')) return undefined;
  const { message, details: { expected, found } } = error;
  return { findings: [...inquiry.findings, { check: 'signed-file', status: 'failed', subject, message, expected, found }], signatures: [], refused: true, error };
}
