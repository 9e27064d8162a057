import type { PolicyFormat } from './policy.js';

/** A signature that was verified: it fits, and its key is trusted. What a policy asks beyond that. */
export interface SignatureFact {
  readonly format: PolicyFormat;
  /** The key: fingerprint, key ID. Two signatures with one key count once. */
  readonly keyId: string;
  /** The same for the same key in another format, where that is known. */
  readonly thumbprint?: string | undefined;
  /** Whose the trust says it is. */
  readonly identity?: string | undefined;
  /** Other names of the same owner, which the trust gives, too. */
  readonly names?: readonly string[] | undefined;
  /** When it was made, as the signer says. */
  readonly claimedAt?: Date | undefined;
}

/** One image, and what was signed about itself. */
export interface ImageFact {
  /** Every name that it comes with, or would get. Empty: it has none. */
  readonly names: readonly string[];
  readonly digest: string;
  /** Over this image's digest. */
  readonly signatures: readonly SignatureFact[];
  /** It is no image but about one, which is asked about itself: nobody need have signed it. */
  readonly goesAlong?: boolean | undefined;
}

/** All that a decision depends on. */
export interface Facts {
  readonly at: Date;
  readonly images: readonly ImageFact[];
  /** Over the whole archive: they count for every image in it. */
  readonly archive: readonly SignatureFact[];
}
