/** Formats of signatures that a policy may ask for, as the signatures name them. */
export type PolicyFormat = 'cms' | 'ssh' | 'minisign' | 'cosign' | 'gpg';

/** What an image must have to be admitted. */
export type Requirement =
  /** Anything, signed or not. */
  | { readonly kind: 'accept' }
  /** Nothing, whoever signed it. */
  | { readonly kind: 'reject' }
  | {
    readonly kind: 'signed';
    /** Identities or key IDs that count; undefined: everyone who is trusted. */
    readonly signedBy: readonly string[] | undefined;
    /** How many of them, each with a key of its own. At least 1. */
    readonly threshold: number;
    /** Formats that count; undefined: all. */
    readonly formats: readonly PolicyFormat[] | undefined;
    /** How old a signature may be by its own account, in days; one that does not say does not count. */
    readonly maxAgeDays: number | undefined;
  };

/** A requirement for the repositories that a pattern names. */
export interface Rule {
  /** `registry.example/team/app`, or `registry.example/team/*` for everything below. */
  readonly pattern: string;
  readonly requirement: Requirement;
}

/** Which repositories need what. */
export interface Policy {
  /** For messages: the file it came from. */
  readonly source: string;
  readonly rules: readonly Rule[];
  /** For all others, and for images without a name. */
  readonly fallback: Requirement;
}

/** Without a policy file: one good signature of anyone who is trusted. */
export const DEFAULT_POLICY: Policy = {
  source: 'the default policy',
  rules: [],
  fallback: { kind: 'signed', signedBy: undefined, threshold: 1, formats: undefined, maxAgeDays: undefined },
};
