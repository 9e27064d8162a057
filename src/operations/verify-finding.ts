import type { BlobPool } from '../content/worker-pool.js';
import { isImgkitError, type ImgkitError } from '../errors.js';
import type { Check, Finding } from '../image/finding.js';
import type { Limits } from '../limits.js';
import type { WorkOptions } from '../progress.js';

export interface VerifyOptions extends WorkOptions {
  readonly pool: BlobPool;
  readonly limits: Limits;
}

/** A finding for an error that a check threw; errors that are not about the input are thrown on. */
export function findingFor(error: unknown, check: Check, subject: string): Finding {
  if (!isBroken(error)) throw error;
  const { expected, found, offset } = error.details;
  return { check, status: 'failed', subject: error.details.entry ?? subject, message: error.message, expected, found, offset };
}

function isBroken(error: unknown): error is ImgkitError {
  return isImgkitError(
    error, 'tar-malformed', 'tar-truncated', 'document-malformed', 'format-unknown', 'format-ambiguous', 'compression-malformed', 'compression-unsupported',
    'digest-malformed', 'digest-mismatch', 'size-mismatch', 'diffid-mismatch', 'blob-missing', 'limit-exceeded', 'ciphertext-malformed',
  );
}
