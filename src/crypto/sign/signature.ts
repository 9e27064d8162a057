import type { Trust } from '../trust/trust.js';

/** Kinds of detached signatures over a statement, and what their files are called: `FILE.sha256` plus this. */
export const SIGNATURE_SUFFIX = { cms: '.p7s', ssh: '.sig', minisign: '.minisig', cosign: '.sigstore.json' } as const;

export type SignatureFormat = keyof typeof SIGNATURE_SUFFIX;

/** Signs small documents (statements), never archives themselves. */
export interface Signer {
  readonly format: SignatureFormat;
  /** For people: `SHA256:...` of an SSH key, a minisign key ID, a certificate's subject and fingerprint. */
  readonly keyId: string;
  /** The bytes of the detached signature file. `at` is the signer's claim of the time, `name` the document's, for formats that tell. */
  sign(document: Uint8Array, options?: { readonly at?: Date | undefined; readonly name?: string | undefined; readonly signal?: AbortSignal | undefined }): Promise<Uint8Array>;
}

/** A signature that was checked: it fits the document, and its key is trusted for this at that time. */
export interface VerifiedSignature {
  /** GPG signs images alone. */
  readonly format: SignatureFormat | 'gpg';
  readonly keyId: string;
  /** Of the public key, as RFC 7638 makes it: the same in whatever format one key signs. Not of GPG's. */
  readonly thumbprint?: string | undefined;
  /** Who the trust says the key belongs to: a principal, a certificate's subject or e-mail, the name of a key file. */
  readonly identity?: string | undefined;
  /** What a policy may call the owner as well: the other addresses of a certificate, each principal of a line. */
  readonly names?: readonly string[] | undefined;
  /** What the signer claims; no proof. */
  readonly claimedAt?: Date | undefined;
  /** Worth telling, such as "no CRL for this CA was needed". */
  readonly notes: readonly string[];
}

/**
 * One per format, `verifySsh`, `verifyMinisign`, `verifyCosignBlob`, `verifyCms`: checks `signature` over `document`. Gives one for each key
 * that counts, and for each name that it has; at least one.
 * Throws `signature-malformed` (exit 3), `signature-invalid` (does not fit), `signature-untrusted` (fits; the key is unknown,
 * expired, revoked, too weak, or not meant for this), each naming the key and what was needed.
 */
export type VerifySignature = (document: Uint8Array, signature: Uint8Array, trust: Trust, name: string) => Promise<readonly VerifiedSignature[]>;
