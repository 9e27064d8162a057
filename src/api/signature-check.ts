import type { TrustOptions } from '../operations/trust/read-trust.js';

/** Whom to believe, and where the signatures are. */
export interface SignatureCheck extends TrustOptions {
  /** Default: `FILE.sha256`. */
  readonly statement?: string | undefined;
  /** Files: signatures over the statement (default: all beside it), and GPG signatures of the image. */
  readonly signatures?: readonly string[] | undefined;
  /** Folders with GPG signatures of images, laid out as `lookaside` of containers-registries.d(5), or URLs of such. */
  readonly lookaside?: readonly string[] | undefined;
}

/** Whom to believe before anything is written to the target, and how strictly. */
export interface AdmissionOptions extends SignatureCheck {
  /** Let signatures be missing; those that are there must still be right. The result tells of it. */
  readonly acceptUnsigned?: boolean | undefined;
}
