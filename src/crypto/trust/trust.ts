/** A file of trusted material: its bytes, and where it came from, for messages. */
export interface TrustFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * What a receiver trusts, however it was given: a trust folder (`--trust DIR`), or single files (`--key`, `--cert`,
 * `--allowed-signers`). Parsed by the format that needs it. Plain data, so it can be made by hand.
 */
export interface Trust {
  /** The time that counts for expiry and revocation. */
  readonly at: Date;
  /** PEM or DER files of X.509 roots; only chains that end here are believed. */
  readonly roots: readonly TrustFile[];
  readonly intermediates: readonly TrustFile[];
  readonly crls: readonly TrustFile[];
  /** `required`: every CA of a chain needs a current CRL (a stale or missing one fails closed). `if-present`: a missing one is noted, a stale one fails. */
  readonly revocation: 'required' | 'if-present';
  /** OpenSSH allowed_signers files. */
  readonly allowedSigners: readonly TrustFile[];
  /** OpenSSH revoked keys: public keys, one a line (as `ssh-keygen -Y verify -r`), or KRL files. */
  readonly revokedKeys: readonly TrustFile[];
  /** minisign public key files. */
  readonly minisign: readonly TrustFile[];
  /** PEM public keys (cosign, ECDSA P-256, Ed25519, RSA >= 2048). */
  readonly cosign: readonly TrustFile[];
  /** GPG public keys, armored or binary. */
  readonly gpg: readonly TrustFile[];
  /** Who must have signed: an SSH principal, or an e-mail, DNS name or common name of a certificate. Undefined: anyone trusted. */
  readonly identity?: string | undefined;
}

/** Nobody is trusted: the start of a trust made of single files. */
export function emptyTrust(at: Date = new Date()): Trust {
  return { at, roots: [], intermediates: [], crls: [], revocation: 'if-present', allowedSigners: [], revokedKeys: [], minisign: [], cosign: [], gpg: [] };
}
